import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

const record = Type.Object({
  s3: Type.Object({
    bucket: Type.Object({ name: Type.String() }),
    object: Type.Object({ key: Type.String() }),
  }),
})
const direct = Type.Object({ Records: Type.Array(record) })
const testEvent = Type.Object({ Event: Type.Literal('s3:TestEvent') })
const fromEventBridge = Type.Object({
  source: Type.String(),
  'detail-type': Type.String(),
  detail: Type.Object({
    bucket: Type.Object({ name: Type.String() }),
    object: Type.Object({ key: Type.String() }),
  }),
})
const fromTopic = Type.Object({ Type: Type.Literal('Notification'), Message: Type.String() })

/** A topic may hand on what EventBridge gave it. */
const MOST_ENVELOPES = 2

export interface BucketEvents {
  readonly keys: readonly string[]
  /** Why something in it is of no meaning here, for the log; null when all is understood. */
  readonly strange: string | null
}

/**
 * The keys of this bucket that a message of a queue is about, whatever happened to them: whoever looks sees what it was.
 * S3 writes them as in a form's address, EventBridge as they are.
 */
export function readBucketEvents(body: string, bucket: string, envelopes = 0): BucketEvents {
  const message = parse(body)
  if (message === undefined) return { keys: [], strange: 'it is not JSON' }
  if (Value.Check(fromTopic, message) && envelopes < MOST_ENVELOPES) {
    return readBucketEvents(message.Message, bucket, envelopes + 1)
  }
  if (Value.Check(testEvent, message)) return { keys: [], strange: null }
  if (Value.Check(direct, message)) return ofBucket(message.Records.map(decoded), bucket)
  if (Value.Check(fromEventBridge, message)) {
    const { detail } = message
    return ofBucket([{ bucket: detail.bucket.name, key: detail.object.key }], bucket)
  }
  return { keys: [], strange: 'it is no event of a bucket' }
}

interface Change {
  readonly bucket: string
  /** Null where it cannot be read. */
  readonly key: string | null
}

function ofBucket(changes: readonly Change[], bucket: string): BucketEvents {
  const ours = changes.filter((change) => change.bucket === bucket)
  const keys = ours.flatMap(({ key }) => (key === null ? [] : [key]))
  const strange =
    ours.length < changes.length
      ? 'it is about another bucket'
      : keys.length < ours.length
        ? 'a key in it cannot be read'
        : null
  return { keys: [...new Set(keys)], strange }
}

function decoded({ s3 }: Static<typeof record>): Change {
  try {
    return { bucket: s3.bucket.name, key: decodeURIComponent(s3.object.key.replaceAll('+', ' ')) }
  } catch {
    return { bucket: s3.bucket.name, key: null }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
