import type { Tokenizer } from '../../core/ports/embedding-model.ts'
import type { Message } from '../../core/question.ts'
import { withoutUnseen } from './check-question.ts'

/** The newest turns that fit, oldest first. A turn is kept whole or not at all, and none before a dropped one. */
export function capHistory(
  history: readonly Message[],
  limits: { readonly historyTokens: number; readonly tokenizer: Tokenizer },
): Message[] {
  const kept: Message[] = []
  let left = limits.historyTokens
  for (const message of history.toReversed()) {
    const { role, toolCalls = [] } = message
    const text = withoutUnseen(message.text.toWellFormed()).trim()
    const whole = [text, ...toolCalls.flatMap((call) => [call.arguments, call.result])].join('\n')
    if (whole === '') continue
    // Twenty characters a token is beyond any real text: a turn this long is not worth counting.
    if (whole.length > limits.historyTokens * 20) break
    left -= limits.tokenizer.count(whole)
    if (left < 0) break
    kept.push(toolCalls.length === 0 ? { role, text } : { role, text, toolCalls })
  }
  return kept.reverse()
}
