import { ingestDocument } from './ingest-document.ts'
import { reEmbedChunks } from './re-embed-chunks.ts'
import { syncSource } from './sync-source.ts'

/** Every kind of job there is. */
export const jobs = { ingestDocument, reEmbedChunks, syncSource } as const
