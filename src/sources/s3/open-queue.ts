import { SQSClient } from '@aws-sdk/client-sqs'
import type { Agents } from '../guarded-agents.ts'
import type { BucketPlace } from '../../core/bucket-place.ts'

const ATTEMPTS = 3

/** The queue is asked where its own address says, whatever the surroundings say of endpoints. */
export function openQueue(url: string, place: BucketPlace, agents: Agents): SQSClient {
  const { region, credentials } = place
  return new SQSClient({
    region,
    endpoint: new URL(url).origin,
    maxAttempts: ATTEMPTS,
    requestHandler: agents,
    ...(credentials === null ? {} : { credentials }),
  })
}
