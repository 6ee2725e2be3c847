import type { ObjectStore } from '../core/ports/object-store.ts'
import { resilientObjects } from '../resilience/resilient-objects.ts'
import { createGuardedAgents } from '../sources/guarded-agents.ts'
import type { BucketPlace } from '../core/bucket-place.ts'
import type { SourceReach } from '../sources/source-reach.ts'
import { asBucketError } from '../storage/s3-error.ts'
import { createS3Objects } from '../storage/s3-objects.ts'

/** A page of a listing is asked for again by itself; a whole listing never is. */
const ATTEMPTS = 3

/** A bucket that a source names: what keeps the server's own files, told apart by where it may connect to and by whose it is. */
export function openBucket(
  place: BucketPlace,
  options: { readonly reach: SourceReach; readonly timeoutMs: number },
): ObjectStore & { close(): void } {
  const objects = createS3Objects({
    ...place,
    prefix: '',
    attempts: ATTEMPTS,
    agents: createGuardedAgents(options.reach.lookup),
    asError: (error) => asBucketError(error, place),
  })
  const patient = resilientObjects(objects, {
    timeoutMs: options.timeoutMs,
    name: `bucket ${place.bucket}`,
    retries: { maxRetries: 1, initialDelayMs: 500, maxDelayMs: 2_000 },
  })
  return { ...patient, close: () => objects.close() }
}
