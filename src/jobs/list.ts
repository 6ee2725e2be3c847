import { ingestDocument } from './ingest-document.ts'

/** Every kind of job there is. */
export const jobs = { ingestDocument } as const
