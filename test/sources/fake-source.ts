import { Type } from 'typebox'
import type { Attributes } from '../../src/core/filter.ts'
import type { ChangeNotice, SourceItem, SourceKind } from '../../src/core/ports/source-kind.ts'

/** A place in memory: what is in it, what goes wrong with it, and what was asked of it. */
export interface FakeSource {
  readonly kind: SourceKind
  /** Texts by key. */
  readonly documents: Map<string, string>
  /** By key, beside the path. */
  readonly attributes: Map<string, Attributes>
  /** Listed as these in place of documents. */
  readonly troubles: Map<string, 'failed' | 'skipped'>
  /** Fails to be read. */
  readonly unreadable: Map<string, Error>
  /** The listing throws this after so many documents. */
  breaksAfter: number | null
  failure: Error
  /** Whether the listing says versions, or only reading tells. */
  tellsVersions: boolean
  /** Keys in the order in which they were read. */
  readonly reads: string[]
  listings: number
  /** Called before each document is listed. */
  beforeEach: (key: string) => Promise<void>
  /** Tells whoever listens. Resolves when it was acknowledged. */
  tell(keys: readonly string[] | null): Promise<void>
  readonly listeners: () => number
  /** What it was opened with. */
  readonly opened: { readonly settings: unknown; readonly credentials: unknown }[]
}

const versionOf = (text: string) => `v-${text}`

export function createFakeSource(name = 'fake'): FakeSource {
  const waiting: { readonly keys: readonly string[] | null; readonly done: () => void }[] = []
  let ring: () => void = () => undefined
  let listeners = 0
  const fake: FakeSource = {
    documents: new Map(),
    attributes: new Map(),
    troubles: new Map(),
    unreadable: new Map(),
    breaksAfter: null,
    failure: new Error('The place went away.'),
    tellsVersions: true,
    reads: [],
    listings: 0,
    beforeEach: async () => undefined,
    opened: [],
    listeners: () => listeners,
    tell: (keys) =>
      new Promise((done) => {
        waiting.push({ keys, done })
        ring()
      }),
    kind: {
      name,
      settings: Type.Object(
        { place: Type.Optional(Type.String()) },
        { additionalProperties: false },
      ),
      credentials: Type.Object({ password: Type.String() }, { additionalProperties: false }),
      refusal: (settings) =>
        (settings as { place?: string }).place === 'closed' ? 'The place is closed.' : null,
      open(settings, credentials) {
        fake.opened.push({ settings, credentials })
        return { list, changes, close: async () => undefined }
      },
    },
  }

  async function* list({
    keys,
    signal,
  }: {
    readonly keys: readonly string[] | null
    readonly signal: AbortSignal
  }): AsyncIterable<SourceItem> {
    fake.listings += 1
    let listed = 0
    for (const key of keys ?? [...fake.documents.keys()]) {
      signal.throwIfAborted()
      if (fake.breaksAfter !== null && listed >= fake.breaksAfter) throw fake.failure
      await fake.beforeEach(key)
      const trouble = fake.troubles.get(key)
      const text = fake.documents.get(key)
      listed += 1
      if (trouble !== undefined) yield { type: trouble, key, reason: `It is ${trouble}.` }
      else if (text === undefined) yield { type: 'gone', key }
      else yield documentOf(key, text)
    }
    if (fake.breaksAfter !== null) throw fake.failure
  }

  function documentOf(key: string, text: string): SourceItem {
    const version = fake.tellsVersions ? versionOf(text) : null
    return {
      type: 'document',
      key,
      version,
      bytes: fake.tellsVersions ? Buffer.byteLength(text) : null,
      async read() {
        fake.reads.push(key)
        const failure = fake.unreadable.get(key)
        if (failure !== undefined) throw failure
        const now = fake.documents.get(key)
        if (now === undefined) return { type: 'gone' }
        return {
          type: 'content',
          filename: `${key.replaceAll('/', '-')}.txt`,
          content: (async function* () {
            yield Buffer.from(now)
          })(),
          version: fake.tellsVersions ? versionOf(now) : null,
          memory: `memory of ${key}`,
          attributes: { path: key, ...fake.attributes.get(key) },
        }
      },
    }
  }

  async function* changes(signal: AbortSignal): AsyncIterable<ChangeNotice> {
    listeners += 1
    try {
      while (!signal.aborted) {
        const next = waiting.shift()
        if (next !== undefined) {
          yield {
            keys: next.keys,
            acknowledge: async () => next.done(),
          }
          continue
        }
        await new Promise<void>((resolve) => {
          ring = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
    } finally {
      listeners -= 1
    }
  }

  return fake
}
