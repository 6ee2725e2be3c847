import type { TokenUsage } from '../core/answer.ts'
import { AppError } from '../core/errors.ts'
import type { Message } from '../core/question.ts'
import { unlessAborted } from './cancellable.ts'
import type { Answerer } from './generate/answerer.ts'
import { standAloneQuery } from './rewrite/stand-alone-query.ts'

export interface StandAlone {
  /** What to search for. */
  readonly query: string
  readonly by: 'model' | 'rule'
  /** Why it was not the model, where there was one: for the trace. */
  readonly because: string | null
  readonly usage: TokenUsage
}

// A reader waits for this before anything is searched: later, the rule's words are better than the model's.
const PATIENCE_MS = 3_000
const LONGEST = 500
const NO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0 }

/** What a follow-up asks, without its conversation: in the words of the answering model, else by rule. */
export async function standAlone(
  asked: {
    readonly question: string
    readonly history: readonly Message[]
    readonly answerer: Answerer
  },
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<StandAlone> {
  const { question, history, answerer } = asked
  const byRule = (because: string | null, usage = NO_USAGE): StandAlone => ({
    query: standAloneQuery(question, history),
    by: 'rule',
    because,
    usage,
  })
  if (answerer.standAlone === undefined) return byRule(null)
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  try {
    const work = answerer.standAlone(question, history, limited)
    const { text, usage } = await unlessAborted(work, limited)
    const query = text.trim().replace(/^["“„'](.*)["”“']$/s, '$1')
    const usable = query !== '' && query.length <= LONGEST && !query.includes('\n')
    return usable
      ? { query, by: 'model', because: null, usage }
      : byRule('what the model wrote is no question', usage)
  } catch (error) {
    if (signal.aborted) throw error
    if (limited.aborted) return byRule(`the model took longer than ${patienceMs} ms`)
    // A provider that is away shows again when it is to answer, and is spoken of there.
    if (error instanceof AppError) return byRule(error.code)
    throw error
  }
}
