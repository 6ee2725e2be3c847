import { AppError } from '../../core/errors.ts'
import type { ObjectStore, StoredObject } from '../../core/ports/object-store.ts'
import type {
  ListOptions,
  OpenSource,
  SourceContent,
  SourceItem,
} from '../../core/ports/source-kind.ts'
import { createGuardedAgents } from '../guarded-agents.ts'
import { createKeyFilter } from '../key-filter.ts'
import { limitBytes } from '../../outside/limit-bytes.ts'
import { tooLarge } from '../too-large.ts'
import { shortAttributes } from '../short-attributes.ts'
import type { SourceReach } from '../source-reach.ts'
import type { BucketPlace } from '../../core/bucket-place.ts'
import { openQueue } from './open-queue.ts'
import { queueNotices } from './queue-notices.ts'
import type { S3SourceSettings } from './s3-settings.ts'

export interface S3KindOptions {
  /** Connects to nothing yet. */
  readonly openBucket: (place: BucketPlace) => ObjectStore & { close(): void }
  /** Which addresses may be connected to. */
  readonly reach: SourceReach
  readonly maxFileBytes: number
  /** Whether a source without credentials reads as the server itself. */
  readonly machineCredentials: boolean
  readonly warn: (sentence: string) => void
}

/** Addresses in place of names never come by the guard of the connections. */
export function closedAddress(
  { endpoint, queue_url: queueUrl }: S3SourceSettings,
  reach: SourceReach,
): string | null {
  const urls = [endpoint, queueUrl].filter((url) => url !== undefined)
  return urls.map((url) => reach.refusal(new URL(url))).find((reason) => reason !== null) ?? null
}

export function openS3Source(
  options: S3KindOptions,
  settings: S3SourceSettings,
  place: BucketPlace,
): OpenSource {
  const objects = options.openBucket(place)
  // What may be reached may have changed since the source was made.
  const insist = () => {
    const refusal = closedAddress(settings, options.reach)
    if (refusal !== null) throw new AppError('input_rejected', refusal)
  }
  const { prefix = '', queue_url: queueUrl, bucket } = settings
  const matches = createKeyFilter(settings)
  // What consoles make for a folder ends with a slash and holds nothing.
  const wants = (key: string) => key.startsWith(prefix) && !key.endsWith('/') && matches(key)

  function describe(found: StoredObject, signal: AbortSignal): SourceItem {
    const { key, bytes } = found
    if (bytes > options.maxFileBytes) {
      return { type: 'skipped', key, reason: tooLarge(options.maxFileBytes) }
    }
    return {
      type: 'document',
      key,
      version: versionOf(found),
      bytes,
      read: () => read(key, signal),
    }
  }
  async function read(key: string, signal: AbortSignal): Promise<SourceContent> {
    const opened = await objects.open(key, undefined, signal)
    if (opened === null) return { type: 'gone' }
    return {
      type: 'content',
      filename: key.slice(key.lastIndexOf('/') + 1),
      content: limitBytes(opened.content, options.maxFileBytes),
      version: versionOf(opened),
      memory: null,
      attributes: shortAttributes({ path: key, url: `s3://${bucket}/${key}` }),
    }
  }
  async function* listAll({ signal }: ListOptions): AsyncGenerator<SourceItem> {
    for await (const found of objects.list(prefix, signal)) {
      if (wants(found.key)) yield describe(found, signal)
    }
  }
  async function* listKeys({ keys, signal }: ListOptions): AsyncGenerator<SourceItem> {
    let isThere = false
    for (const key of new Set(keys)) {
      signal.throwIfAborted()
      const found = wants(key) ? await objects.find(key, signal) : null
      // Of a bucket that has gone every object is told to have gone; a listing is not.
      if (found === null && !isThere) await objects.list(key, signal)[Symbol.asyncIterator]().next()
      isThere = true
      yield found === null ? { type: 'gone', key } : describe(found, signal)
    }
  }
  async function* list(wanted: ListOptions): AsyncGenerator<SourceItem> {
    try {
      wanted.signal.throwIfAborted()
      insist()
      yield* wanted.keys === null ? listAll(wanted) : listKeys(wanted)
    } catch (error) {
      throw wanted.signal.aborted ? wanted.signal.reason : error
    }
  }
  return {
    list,
    ...(queueUrl === undefined
      ? {}
      : {
          async *changes(signal) {
            insist()
            const client = openQueue(queueUrl, place, createGuardedAgents(options.reach.lookup))
            try {
              yield* queueNotices({ client, queueUrl, bucket, wants, warn: options.warn }, signal)
            } finally {
              client.destroy()
            }
          },
        }),
    close: async () => objects.close(),
  }
}

/** Servers quote their tags in a listing and not elsewhere, or the other way round. */
function versionOf({ version }: Pick<StoredObject, 'version'>): string | null {
  const tag = version.replace(/^W\//, '').replaceAll('"', '')
  return tag === '' ? null : tag
}
