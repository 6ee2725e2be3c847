import { ingestDocument } from './ingest-document.ts'
import { syncSource } from './sync-source.ts'

/** Every kind of job there is. */
export const jobs = { ingestDocument, syncSource } as const
