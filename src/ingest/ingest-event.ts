import type { ErrorCode } from '../core/errors.ts'
import type { IngestStage } from '../core/ports/documents.ts'
import type { IngestJob } from '../core/ports/queue.ts'

interface OfDocument extends IngestJob {
  /** Of the original file. */
  readonly bytes: number
  /** Since work on the document began. */
  readonly seconds: number
}

export type IngestEvent =
  | (OfDocument & { readonly type: 'stage-started'; readonly stage: IngestStage })
  | (OfDocument & {
      readonly type: 'chunks-embedded'
      readonly chunks: number
      readonly embedded: number
      /** How many of them the model was spared. */
      readonly cached: number
    })
  | (OfDocument & {
      readonly type: 'document-indexed'
      readonly chunks: number
      /** Edits and disablings of chunks whose text is no longer in the document; absent where there are none. */
      readonly droppedChanges?: number
    })
  | (OfDocument & {
      readonly type: 'document-failed'
      readonly code: ErrorCode
      readonly message: string
    })
