import type { Message } from '../../core/question.ts'
import { contentWordsOf, termOf, wordsOf } from '../words.ts'

const OPENING =
  /^(?:and|but|or|so|then|also|what about|how about|what else|compared|und|aber|oder|wie sieht|was ist mit|im vergleich)\b/i
const POINTING = new Set(
  `it its they them their theirs he him his she her hers this that these those there former latter previous
   es er sie ihn ihm ihr ihre ihren ihrem deren dessen diese dieser dieses diesen davor danach dort`.split(
    /\s+/,
  ),
)
// Beyond this many content words a question names what it is about, even when it says "it" as well.
const LONG = 7
const TURNS_BACK = 3

/**
 * What to search for: the question, with the content words of the one before when it leans on it
 * ("And compared with the year before?"). By rule, so that it costs nothing and needs no model.
 */
export function standAloneQuery(text: string, history: readonly Message[]): string {
  const earlier = history.filter(({ role }) => role === 'user').slice(-TURNS_BACK)
  const previous = earlier.at(-1)
  if (previous === undefined || !leansOnPrevious(text)) return text
  const subject = standAloneQuery(previous.text, earlier.slice(0, -1))
  const known = new Set(wordsOf(text).map(termOf))
  const added = new Set(contentWordsOf(subject).filter((word) => !known.has(termOf(word))))
  return added.size === 0 ? text : `${text} ${[...added].join(' ')}`
}

function leansOnPrevious(text: string): boolean {
  const content = contentWordsOf(text).filter((word) => !POINTING.has(word))
  if (content.length >= LONG) return false
  if (content.length <= 1 || OPENING.test(text.trim())) return true
  return wordsOf(text).some((word) => POINTING.has(word))
}
