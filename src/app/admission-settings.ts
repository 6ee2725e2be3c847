import { Type } from 'typebox'
import { optional, section, share, whole } from './setting-kinds.ts'

export const admission = section('How much is taken on at once, and what is refused beyond it.', {
  concurrentAnswers: optional(
    whole({
      maximum: 10_000,
      description:
        'Answers that this machine works on at once; one that waits for its model elsewhere does not count. Null is two for each processor.',
    }),
  ),
  openAnswers: whole({
    maximum: 100_000,
    description: 'Answers that may be under way at once, those included that wait for a model.',
    default: 2_000,
  }),
  queueLength: whole({
    minimum: 0,
    maximum: 100_000,
    description: 'Questions that may wait for their turn; beyond it 503 with Retry-After.',
    default: 256,
  }),
  patienceSeconds: whole({
    maximum: 600,
    description: 'How long a question may wait for its turn.',
    default: 30,
  }),
  maxEventLoopDelayMs: Type.Integer({
    minimum: 0,
    maximum: 60_000,
    description:
      'When the process answers later than this, it takes on no work; 0 is without limit.',
    default: 2_500,
  }),
  maxHeapShare: share({
    description:
      'Of the memory that JavaScript may take; when more is in use, no work is taken on.',
    default: 0.9,
  }),
  maxResidentBytes: optional(
    whole({
      unit: 'bytes',
      description: 'Of the whole process, in the same way; null is without limit.',
    }),
  ),
})
