import type { ObjectStore } from '../core/ports/object-store.ts'
import type { BreakerState } from '../resilience/breaker.ts'
import { resilientObjects } from '../resilience/resilient-objects.ts'
import { createObjectDirectory } from '../storage/object-directory.ts'
import { createS3Objects } from '../storage/s3-objects.ts'
import type { Config } from './config.ts'
import { blobDirectory } from './file-place.ts'

/** The configured place of files. A directory needs no patience; a bucket does. */
export function openObjects(config: Config): {
  readonly objects: ObjectStore
  /** Null for a directory. */
  readonly state: () => BreakerState | null
  readonly close: () => void
} {
  const { blobs } = config
  if (blobs.store === 'directory') {
    const objects = createObjectDirectory(blobDirectory(config))
    return { objects, state: () => null, close: () => undefined }
  }
  const { accessKeyId, secretAccessKey, sessionToken } = blobs
  const s3 = createS3Objects({
    bucket: blobs.bucket ?? '',
    prefix: blobs.prefix,
    endpoint: blobs.endpoint,
    region: blobs.region,
    pathStyle: blobs.pathStyle,
    credentials:
      accessKeyId === null || secretAccessKey === null
        ? null
        : { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
  })
  const objects = resilientObjects(s3, { timeoutMs: blobs.timeoutSeconds * 1_000 })
  return { objects, state: () => objects.state(), close: () => s3.close() }
}
