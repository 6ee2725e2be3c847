import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { Readable } from 'node:stream'
import type { ObjectStore } from '../core/ports/object-store.ts'
import { asStoreError, isEmptyRange, isMissingObject } from './s3-error.ts'

export interface S3Settings {
  readonly bucket: string
  /** Before every key; empty, or ends with a slash. */
  readonly prefix: string
  /** Null is Amazon's own for the region. */
  readonly endpoint: string | null
  readonly region: string
  /** The bucket in the path in place of the host's name. */
  readonly pathStyle: boolean
  /** Null asks where Amazon's own tools look: variables, files, the machine's role. */
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  } | null
}

export interface S3Objects extends ObjectStore {
  close(): void
}

/** S3's own limit is 5 MiB a part but for the last; two at once keep 16 MiB in memory. */
const PART = { partSize: 8 * 1024 * 1024, queueSize: 2 }

/** Objects in a bucket of Amazon S3, or of a server that speaks its language. Time-outs and retries are wrapped around it. */
export function createS3Objects(settings: S3Settings): S3Objects {
  const { bucket: Bucket, prefix } = settings
  const client = new S3Client({
    region: settings.region,
    forcePathStyle: settings.pathStyle,
    maxAttempts: 1,
    // The content is checked above; other servers than Amazon's often know no trailing checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(settings.endpoint === null ? {} : { endpoint: settings.endpoint }),
    ...(settings.credentials === null ? {} : { credentials: settings.credentials }),
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
        throw asStoreError(error, settings)
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
        throw asStoreError(error, settings)
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
          content: bodyOf(found.Body as Readable, settings),
        }
      } catch (error) {
        if (isMissingObject(error)) return null
        // Of an object without a byte no range can be had.
        if (range?.start === 0 && isEmptyRange(error)) return this.open(key, undefined, signal)
        throw asStoreError(error, settings)
      }
    },
    async delete(key, signal) {
      try {
        await client.send(new DeleteObjectCommand({ Bucket, Key: Key(key) }), options(signal))
      } catch (error) {
        throw asStoreError(error, settings)
      }
    },
    async *list(under) {
      try {
        const pages = paginateListObjectsV2({ client }, { Bucket, Prefix: Key(under) })
        for await (const { Contents = [] } of pages) {
          for (const found of Contents) {
            yield {
              key: (found.Key ?? '').slice(prefix.length),
              bytes: found.Size ?? 0,
              version: found.ETag ?? '',
              modifiedAt: found.LastModified ?? new Date(0),
            }
          }
        }
      } catch (error) {
        throw asStoreError(error, settings)
      }
    },
    close: () => client.destroy(),
  }
}

async function* bodyOf(body: Readable, settings: S3Settings): AsyncGenerator<Uint8Array> {
  try {
    yield* body as AsyncIterable<Uint8Array>
  } catch (error) {
    throw asStoreError(error, settings)
  } finally {
    body.destroy()
  }
}
