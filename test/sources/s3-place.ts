import { startFauxqs, type FauxqsServer } from 'fauxqs'
import { lookup } from 'node:dns'
import { onTestFinished } from 'vitest'
import type { ListOptions, OpenSource, SourceItem } from '../../src/core/ports/source-kind.ts'
import { openBucket } from '../../src/app/open-bucket.ts'
import type { S3KindOptions } from '../../src/sources/s3/open-s3-source.ts'
import { createS3Kind } from '../../src/sources/s3/s3-kind.ts'
import type { S3SourceSettings } from '../../src/sources/s3/s3-settings.ts'
import { createS3Objects } from '../../src/storage/s3-objects.ts'

const EVERYWHERE = { refusal: () => null, lookup }
export const CREDENTIALS = { access_key_id: 'test', secret_access_key: 'test' }

/** A bucket on a server that speaks S3, SQS and SNS, on loopback, and a queue for its events. */
export interface S3Place {
  readonly server: FauxqsServer
  readonly settings: S3SourceSettings & { readonly endpoint: string; readonly queue_url: string }
  readonly queue: string
  readonly topic: string
  put(key: string, text: string): Promise<void>
  remove(key: string): Promise<void>
  /** As S3 would tell of it. */
  tell(key: string, event?: string): void
}

let made = 0

/** One for a file of tests. */
export async function startCloud(): Promise<FauxqsServer> {
  return startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
}

export function makeS3Place(server: FauxqsServer): S3Place {
  const bucket = `papers-${(made += 1)}`
  const queue = `events-${made}`
  const topic = `topic-${made}`
  server.setup({
    buckets: [bucket],
    queues: [{ name: queue }],
    topics: [{ name: topic }],
    subscriptions: [{ topic, queue }],
  })
  const endpoint = `http://127.0.0.1:${server.port}`
  const objects = createS3Objects({
    bucket,
    prefix: '',
    endpoint,
    region: 'us-east-1',
    pathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  return {
    server,
    settings: { bucket, endpoint, queue_url: `${endpoint}/000000000000/${queue}` },
    queue,
    topic,
    put(key, text) {
      const bytes = Buffer.from(text)
      return objects.write(key, {
        bytes: bytes.length,
        async *read() {
          yield bytes
        },
      })
    },
    remove: (key) => objects.delete(key),
    tell(key, event) {
      server.sendMessage(queue, JSON.stringify(bucketEvent(bucket, key, event)))
    },
  }
}

/** The parts of S3's own message that matter, its key written as S3 writes it. */
export const bucketEvent = (bucket: string, key: string, eventName = 'ObjectCreated:Put') => ({
  Records: [
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      eventTime: '2026-01-01T00:00:00.000Z',
      eventName,
      s3: {
        s3SchemaVersion: '1.0',
        bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
        object: { key: encodeKey(key), size: 6, sequencer: '0A1B2C3D4E5F678901' },
      },
    },
  ],
})

const encodeKey = (key: string): string =>
  encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')

export function createKind(options: Partial<S3KindOptions> = {}) {
  const { reach = EVERYWHERE } = options
  return createS3Kind({
    openBucket: (place) => openBucket(place, { reach, timeoutMs: 5_000 }),
    reach,
    maxFileBytes: 10_000,
    machineCredentials: false,
    warn: () => undefined,
    ...options,
  })
}

/** For one test. */
export function openS3Source(
  settings: S3SourceSettings,
  options: Partial<S3KindOptions> = {},
): OpenSource {
  const source = createKind(options).open(settings, CREDENTIALS)
  onTestFinished(() => source.close())
  return source
}

export const listAll = (
  source: OpenSource,
  options: Partial<ListOptions> = {},
): Promise<readonly SourceItem[]> =>
  Array.fromAsync(
    source.list({
      keys: null,
      known: async () => null,
      signal: new AbortController().signal,
      ...options,
    }),
  )
