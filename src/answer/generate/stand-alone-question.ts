import type { TokenUsage } from '../../core/answer.ts'
import type { ChatModel } from '../../core/ports/chat-model.ts'
import type { Message } from '../../core/question.ts'

const SYSTEM = `You turn the last question of a conversation into a question that can be understood without the conversation, for a search in documents.

- Put in the names, dates and subjects that the question leaves out or points at ("it", "the year before").
- Ask for nothing that the question does not ask for, and do not answer it.
- A question that stands alone already is repeated as it is.
- Keep its language. Reply with the question alone, on one line.`

// Of a long conversation the last turns say what is spoken of, and the beginning of each is enough.
const TURNS = 6
const CHARACTERS_A_TURN = 1_000
const MOST_TOKENS = 120
const NO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0 }

/** Asks the model for the follow-up as a question of its own. */
export async function writeStandAlone(
  model: ChatModel,
  asked: { readonly question: string; readonly history: readonly Message[] },
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly usage: TokenUsage }> {
  const turns = asked.history
    .slice(-TURNS)
    .filter(({ text }) => text !== '')
    .map(({ role, text }) => `${role}: ${text.slice(0, CHARACTERS_A_TURN)}`)
  const request = {
    system: SYSTEM,
    messages: [
      {
        role: 'user' as const,
        text: `Conversation:\n${turns.join('\n')}\n\nLast question: ${asked.question}`,
      },
    ],
    maxOutputTokens: MOST_TOKENS,
    temperature: 0,
    topP: null,
  }
  let text = ''
  let usage = NO_USAGE
  for await (const event of model.stream(request, signal)) {
    if (event.type === 'text') text += event.text
    if (event.type === 'finish') ({ usage } = event)
  }
  return { text, usage }
}
