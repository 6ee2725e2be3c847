// What people say around a question, to a person. What follows is what they want to know.
const AROUND = [
  /^(?:hello|hi|hey|hallo|guten (?:tag|morgen|abend))(?: there| zusammen)?[\s,.!:–-]+/i,
  /^(?:please|bitte|excuse me|entschuldigung)[\s,]+/i,
  /^(?:can|could|would|will) you (?:please |kindly )?(?:tell|show|explain to|give|help) me (?:to )?(?:find |understand )?(?:about )?/i,
  /^(?:i(?:'d| would) like|i want|i need|i am trying|i'm trying) to (?:know|find out|find|understand|learn)(?: about)?\s+/i,
  /^(?:do you know|i(?: a|')m looking for|i was wondering|i wonder|tell me|show me)(?: about)?\s+/i,
  /^(?:kannst du|können sie|könnten sie|könntest du) (?:mir |uns )?(?:bitte )?(?:sagen|zeigen|erklären)[\s,]+/i,
  /^ich (?:möchte|würde gerne?|will) (?:gerne? )?wissen[\s,]+/i,
]
const BEHIND =
  /[\s,]+(?:please|thanks|thank you|bitte|danke)(?: (?:very much|a lot|schön))?[\s.!?]*$/i

/** The question without greetings and politeness, blanks as one. Never empty where the text is not. */
export function plainQuery(text: string): string {
  const whole = text.replaceAll(/\s+/g, ' ').trim()
  let plain = whole
  let before: string
  do {
    before = plain
    for (const pattern of AROUND) plain = plain.replace(pattern, '')
    plain = plain.replace(BEHIND, '')
  } while (plain !== before)
  return /[\p{L}\p{N}]/u.test(plain) ? plain : whole
}
