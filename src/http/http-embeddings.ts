import type { CompareSpaces } from '../eval/compare-spaces.ts'
import type { Embeddings } from '../ingest/embeddings.ts'
import type { EstimateMigration } from '../ingest/estimate-migration.ts'

/** What operators do about embedding models. */
export interface HttpEmbeddings extends Embeddings {
  readonly estimate: EstimateMigration
  readonly compare: CompareSpaces
}
