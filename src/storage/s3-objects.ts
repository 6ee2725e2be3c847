import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import { Readable } from 'node:stream'
import type { BucketPlace } from '../core/bucket-place.ts'
import type { ObjectStore } from '../core/ports/object-store.ts'
import { asStoreError, isEmptyRange, isMissingObject } from './s3-error.ts'
import { listBucket } from './s3-listing.ts'

export interface S3Settings extends BucketPlace {
  /** Before every key; empty, or ends with a slash. */
  readonly prefix: string
  /** What its failures are to the callers; as the server's own file storage where left out. */
  readonly asError?: (error: unknown) => unknown
  /** How often a call is tried; once where left out. */
  readonly attempts?: number
  /** Where not every address may be connected to. */
  readonly agents?: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent }
}

export interface S3Objects extends ObjectStore {
  close(): void
}

/** S3's own limit is 5 MiB a part but for the last; two at once keep 16 MiB in memory. */
const PART = { partSize: 8 * 1024 * 1024, queueSize: 2 }

/** Objects in a bucket of Amazon S3, or of a server that speaks its language. Time-outs and retries are wrapped around it. */
export function createS3Objects(settings: S3Settings): S3Objects {
  const { bucket: Bucket, prefix } = settings
  const asError = settings.asError ?? ((error) => asStoreError(error, settings))
  const client = new S3Client({
    region: settings.region,
    forcePathStyle: settings.pathStyle,
    maxAttempts: settings.attempts ?? 1,
    // The content is checked above; other servers than Amazon's often know no trailing checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(settings.endpoint === null ? {} : { endpoint: settings.endpoint }),
    ...(settings.credentials === null ? {} : { credentials: settings.credentials }),
    ...(settings.agents === undefined ? {} : { requestHandler: settings.agents }),
  })
  const Key = (key: string) => `${prefix}${key}`
  const options = (abortSignal: AbortSignal | undefined) =>
    abortSignal === undefined ? {} : { abortSignal }

  return {
    async write(key, content, signal) {
      const body = Readable.from(content.read(), { objectMode: false })
      const upload = new Upload({ client, ...PART, params: { Bucket, Key: Key(key), Body: body } })
      const abort = () => void upload.abort().catch(() => undefined)
      signal?.addEventListener('abort', abort, { once: true })
      try {
        await upload.done()
      } catch (error) {
        throw asError(error)
      } finally {
        signal?.removeEventListener('abort', abort)
        body.destroy()
      }
    },
    async find(key, signal) {
      try {
        const command = new HeadObjectCommand({ Bucket, Key: Key(key) })
        const head = await client.send(command, options(signal))
        return {
          key,
          bytes: head.ContentLength ?? 0,
          version: head.ETag ?? '',
          modifiedAt: head.LastModified ?? new Date(0),
        }
      } catch (error) {
        if (isMissingObject(error)) return null
        throw asError(error)
      }
    },
    async open(key, range, signal) {
      try {
        const part = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }
        const command = new GetObjectCommand({ Bucket, Key: Key(key), ...part })
        const found = await client.send(command, options(signal))
        const whole = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1]
        return {
          bytes: whole === undefined ? (found.ContentLength ?? 0) : Number(whole),
          version: found.ETag ?? '',
          content: bodyOf(found.Body as Readable, asError),
        }
      } catch (error) {
        if (isMissingObject(error)) return null
        // Of an object without a byte no range can be had.
        if (range?.start === 0 && isEmptyRange(error)) return this.open(key, undefined, signal)
        throw asError(error)
      }
    },
    async delete(key, signal) {
      try {
        await client.send(new DeleteObjectCommand({ Bucket, Key: Key(key) }), options(signal))
      } catch (error) {
        throw asError(error)
      }
    },
    async *list(under, signal) {
      try {
        const request = { Bucket, Prefix: Key(under) }
        for await (const found of listBucket(client, request, options(signal))) {
          yield { ...found, key: found.key.slice(prefix.length) }
        }
      } catch (error) {
        throw asError(error)
      }
    },
    close: () => client.destroy(),
  }
}

async function* bodyOf(
  body: Readable,
  asError: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body as AsyncIterable<Uint8Array>
  } catch (error) {
    throw asError(error)
  } finally {
    body.destroy()
  }
}
