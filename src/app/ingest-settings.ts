import { MEGABYTE, optional, section, whole } from './setting-kinds.ts'

export const ingest = section('How files are read, and what one file may cost.', {
  concurrency: whole({
    maximum: 64,
    description: 'Files that one process works on at once.',
    default: 2,
  }),
  tenantConcurrency: optional(
    whole({
      maximum: 10_000,
      description:
        'Files of one tenant that all processes together work on at once; null is without limit.',
    }),
  ),
  readerThreads: whole({ maximum: 64, description: 'Threads that parse files.', default: 1 }),
  maxFileBytes: whole({
    unit: 'bytes',
    description: 'Of an uploaded file.',
    default: 100 * MEGABYTE,
  }),
  maxExpandedBytes: whole({
    unit: 'bytes',
    description: 'After decompression, and of extracted text.',
    default: 512 * MEGABYTE,
  }),
  maxPages: whole({ description: 'Of one file.', default: 5000 }),
  maxSeconds: whole({ maximum: 86_400, description: 'To read one file.', default: 120 }),
  retryLimit: whole({
    minimum: 0,
    maximum: 100,
    description: 'Further tries after a failure that may pass.',
    default: 8,
  }),
})
