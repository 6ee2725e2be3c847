import type { RankedChunk } from '../../core/answer.ts'
import { AppError } from '../../core/errors.ts'
import type { Tokenizer } from '../../core/ports/embedding-model.ts'
import type { Message, Question } from '../../core/question.ts'
import { capHistory } from './cap-history.ts'

export interface RequestCaps {
  readonly history: readonly Message[]
  /** What the passages may take up. */
  readonly contextTokens: number
  /** Null leaves it to the model. */
  readonly maxOutputTokens: number | null
  /** Read besides the history and the passages. */
  readonly fixedTokens: number
  /** Throws `input_rejected` where even the best passage is more than may be read. */
  requireRoom(passages: readonly Pick<RankedChunk, 'tokens'>[]): void
}

/** Left to the passages when the history is capped: fewer could not hold one. */
const LEAST_FOR_PASSAGES = 320

/**
 * What the caller's limits leave of the question's wishes, in the embedding model's tokens: less history first, then
 * fewer passages. Throws `input_rejected` for a question, or for instructions, longer than may be.
 */
export function capRequest(
  question: Pick<
    Question,
    | 'format'
    | 'history'
    | 'instructions'
    | 'limits'
    | 'maxOutputTokens'
    | 'steps'
    | 'text'
    | 'tools'
  >,
  {
    settings,
    tokenizer,
  }: {
    readonly settings: { readonly contextTokens: number; readonly historyTokens: number }
    readonly tokenizer: Tokenizer
  },
): RequestCaps {
  const { questionTokens, requestTokens, responseTokens } = question.limits
  const asked = tokenizer.count(question.text)
  if (questionTokens !== null && asked > questionTokens) {
    throw new AppError(
      'input_rejected',
      `The question has ${asked} tokens; at most ${questionTokens} are accepted. Shorten it.`,
      { param: 'input' },
    )
  }
  const fixedTokens = asked + countFixed(question, tokenizer)
  const room = (requestTokens ?? Number.POSITIVE_INFINITY) - fixedTokens
  if (room < LEAST_FOR_PASSAGES) {
    throw new AppError(
      'input_rejected',
      `The question with its instructions and tools has ${fixedTokens} tokens, which leaves no room for passages: a model may be given ${requestTokens} for one question. Shorten them.`,
      { param: 'instructions' },
    )
  }
  const historyTokens = Math.min(settings.historyTokens, room - LEAST_FOR_PASSAGES)
  const history = capHistory(question.history, { historyTokens, tokenizer })
  const contextTokens =
    requestTokens === null
      ? settings.contextTokens
      : Math.min(settings.contextTokens, room - countMessages(history, tokenizer))
  return {
    history,
    contextTokens,
    maxOutputTokens: smaller(question.maxOutputTokens, responseTokens),
    fixedTokens,
    requireRoom(passages) {
      if (requestTokens === null) return
      const tokens = passages.reduce((sum, passage) => sum + passage.tokens, 0)
      if (tokens <= contextTokens) return
      throw new AppError(
        'input_rejected',
        `The best passage alone has ${tokens} tokens, and ${contextTokens} are left of the ${requestTokens} that a model may be given for one question. Shorten the instructions or the conversation.`,
        { param: 'input' },
      )
    },
  }
}

function countFixed(
  { instructions, tools, format, steps = [] }: Parameters<typeof capRequest>[0],
  tokenizer: Tokenizer,
): number {
  const texts = [
    instructions ?? '',
    tools === undefined ? '' : JSON.stringify(tools.functions),
    format === undefined ? '' : JSON.stringify(format),
  ]
  const counted = texts.reduce((sum, text) => sum + (text === '' ? 0 : tokenizer.count(text)), 0)
  return counted + countMessages(steps, tokenizer)
}

function countMessages(messages: readonly Message[], tokenizer: Tokenizer): number {
  return messages
    .flatMap(({ text, toolCalls = [] }) => [
      text,
      ...toolCalls.flatMap((call) => [call.arguments, call.result]),
    ])
    .reduce((sum, text) => sum + tokenizer.count(text), 0)
}

function smaller(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}
