import type { Answer } from '../../core/ask.ts'
import { AppError } from '../../core/errors.ts'
import type { Admission } from './admission.ts'

export interface AdmittedAnswerDeps {
  readonly answer: Answer
  readonly admission: Pick<Admission, 'enter'>
  /** Whether the model of that name writes on this machine; null is the default one. */
  readonly writesHere: (model: string | null) => boolean
  /** Answers that may be under way at once, those included that wait for a model or a slow reader. */
  readonly openAnswers: number
}

/** A reader who has not taken the next piece for so long is waited for without a place. */
const SLOW_READER_MS = 1_000
const RETRY_AFTER_MS = 5_000

/**
 * The same answer, begun when it is its turn. A place is for work of this machine: it is given up while a model elsewhere
 * writes, and while the reader does not read. Throws `overloaded` besides.
 */
export function createAdmittedAnswer(deps: AdmittedAnswerDeps): Answer {
  let open = 0
  return async function* admitted(question, signal) {
    if (open >= deps.openAnswers) {
      throw new AppError('overloaded', 'Too many answers are under way; ask again in a moment.', {
        retryAfterMs: RETRY_AFTER_MS,
      })
    }
    const { tenantId, limits, model, background = false } = question
    let leave = () => {}
    open += 1
    try {
      leave = await deps.admission.enter(
        { tenantId, priority: limits.priority, background },
        signal,
      )
      for await (const event of deps.answer(question, signal)) {
        if (event.type === 'searched' && !deps.writesHere(model)) leave()
        const timer = setTimeout(leave, SLOW_READER_MS)
        try {
          yield event
        } finally {
          clearTimeout(timer)
        }
      }
    } finally {
      leave()
      open -= 1
    }
  }
}
