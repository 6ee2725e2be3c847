import { expect } from 'vitest'
import type {
  KnownItem,
  ListOptions,
  OpenSource,
  SourceContent,
  SourceItem,
} from '../../src/core/ports/source-kind.ts'

export interface Taken {
  /** Keys of documents, in the order of the listing. */
  readonly documents: readonly string[]
  readonly gone: readonly string[]
  readonly known: ReadonlyMap<string, KnownItem>
  readonly contents: ReadonlyMap<string, Extract<SourceContent, { type: 'content' }>>
  readonly texts: ReadonlyMap<string, string>
  /** Whether nobody who remembers the other need take the document in anew. */
  sameAs(other: Taken, key: string): boolean
}

export function list(
  source: OpenSource,
  options: Partial<ListOptions> = {},
): AsyncIterable<SourceItem> {
  return source.list({
    keys: null,
    known: async () => null,
    signal: new AbortController().signal,
    ...options,
  })
}

/** As a sync does it: what has the version that is known is not read. */
// oxlint-disable-next-line complexity -- each thing that may happen to an item, one after the other
export async function takeAll(
  source: OpenSource,
  {
    keys = null,
    known = new Map<string, KnownItem>(),
    reads = true,
  }: {
    readonly keys?: readonly string[] | null
    readonly known?: ReadonlyMap<string, KnownItem>
    readonly reads?: boolean
  } = {},
): Promise<Taken> {
  const documents: string[] = []
  const gone: string[] = []
  const now = new Map(known)
  const contents = new Map<string, Extract<SourceContent, { type: 'content' }>>()
  const texts = new Map<string, string>()
  const unchanged = new Set<string>()
  const listing = list(source, { keys, known: async (key) => known.get(key) ?? null })
  for await (const item of listing) {
    if (item.type === 'gone') gone.push(item.key)
    if (item.type !== 'document') continue
    documents.push(item.key)
    const before = known.get(item.key)
    if (before !== undefined && before.version !== null && before.version === item.version) {
      unchanged.add(item.key)
      continue
    }
    if (!reads) continue
    const content = await item.read()
    if (content.type === 'unchanged') unchanged.add(item.key)
    if (content.type !== 'content') continue
    contents.set(item.key, content)
    texts.set(item.key, await textOf(content))
    const { version, memory } = content
    now.set(item.key, { version: version ?? item.version, memory })
  }
  expect(new Set(documents).size).toBe(documents.length)
  return {
    documents,
    gone,
    known: now,
    contents,
    texts,
    sameAs: (other, key) => unchanged.has(key) || texts.get(key) === other.texts.get(key),
  }
}

export async function textOf({
  content,
}: Extract<SourceContent, { type: 'content' }>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(content)).toString()
}
