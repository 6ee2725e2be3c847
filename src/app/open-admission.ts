import { availableParallelism } from 'node:os'
import type { Metrics } from '../core/ports/metrics.ts'
import { createAdmission, type Admission } from '../limits/admission/admission.ts'
import type { Config } from './config.ts'

/** The queue in front of answering, which says how long it is. */
export function openAdmission(
  settings: Config['admission'],
  metrics: Pick<Metrics, 'gauge'>,
): Admission {
  const admission = createAdmission({
    concurrentAnswers: settings.concurrentAnswers ?? 2 * availableParallelism(),
    queueLength: settings.queueLength,
    patienceMs: settings.patienceSeconds * 1000,
  })
  metrics.gauge(
    { name: 'ragstone_answers_running', help: 'Answers that this process works on.' },
    () => [[{}, admission.state().running]],
  )
  metrics.gauge(
    { name: 'ragstone_questions_waiting', help: 'Questions that wait for their turn.' },
    () => [[{}, admission.state().waiting]],
  )
  return admission
}
