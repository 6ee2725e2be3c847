import { createHash } from 'node:crypto'
import type { Attributes } from '../../core/filter.ts'
import type { KnownItem, SourceContent, SourceItem } from '../../core/ports/source-kind.ts'
import type { KnownDocument } from '../../core/ports/sources.ts'
import type { SpooledContent } from '../../core/ports/spool.ts'
import type { RunningSync, SyncDeps } from './sync-deps.ts'
import { EMPTY } from './verdict.ts'

export type ReadDocument =
  | { readonly type: 'gone' }
  | { readonly type: 'skipped'; readonly reason: string }
  | {
      readonly type: 'unchanged'
      /** Null where there is nothing new to be remembered. */
      readonly remember: KnownItem | null
      /** Null where the source says nothing of them. */
      readonly described: Described | null
    }
  /** Of a dry run: it would be taken in. */
  | { readonly type: 'wanted'; readonly bytes: number }
  | NewContent

/** A document that is there, with the attributes that its source gives it now. */
interface Described {
  readonly fileId: string
  readonly attributes: Attributes
}

export interface NewContent extends KnownItem {
  readonly type: 'content'
  readonly filename: string
  /** The reader's to discard. */
  readonly spooled: SpooledContent
  readonly attributes: Attributes
}

interface Reading {
  readonly running: RunningSync
  readonly item: Extract<SourceItem, { type: 'document' }>
  readonly isKnown: boolean
}

type ReadDeps = Pick<SyncDeps, 'database' | 'sourceDocuments' | 'spool'>

/** Reads a document as far as it must to say whether it is new. */
export async function readDocument(deps: ReadDeps, of: Reading): Promise<ReadDocument> {
  const { item, isKnown } = of
  const { tenantId, record, sync } = of.running
  // Of what was never seen, a dry run need know no more than the listing says.
  if (sync.dryRun && !isKnown && item.bytes !== null) return { type: 'wanted', bytes: item.bytes }
  const content = await item.read()
  if (content.type === 'gone') return content
  const known = isKnown
    ? await deps.database.transact(tenantId, (transaction) =>
        deps.sourceDocuments.find(transaction, record.id, item.key),
      )
    : null
  if (content.type === 'unchanged') {
    const version = item.version ?? known?.version ?? null
    const remember = changeOf(known, version, content.memory)
    return { type: 'unchanged', remember, described: null }
  }
  const version = content.version ?? item.version
  return sync.dryRun
    ? wouldTake(content, known)
    : take(deps, { ...content, version, memory: storable(content.memory) }, known)
}

type Content = Extract<SourceContent, { type: 'content' }>

async function wouldTake(content: Content, known: KnownDocument | null): Promise<ReadDocument> {
  const { bytes, sha256 } = await hashOf(content)
  if (bytes === 0) return { type: 'skipped', reason: EMPTY }
  return known?.sha256 === sha256
    ? { type: 'unchanged', remember: null, described: describedBy(content, known) }
    : { type: 'wanted', bytes }
}

async function take(
  { spool }: Pick<ReadDeps, 'spool'>,
  { content, ...read }: Content,
  known: KnownDocument | null,
): Promise<ReadDocument> {
  const { version, memory } = read
  const spooled = await spool.take(content)
  if (spooled.bytes > 0 && known?.sha256 !== spooled.sha256) return { ...read, spooled }
  await spooled.discard()
  if (spooled.bytes === 0) return { type: 'skipped', reason: EMPTY }
  const remember = changeOf(known, version, memory)
  return { type: 'unchanged', remember, described: describedBy(read, known) }
}

function describedBy(
  { attributes }: Pick<Content, 'attributes'>,
  known: KnownDocument | null,
): Described | null {
  return known === null ? null : { fileId: known.fileId, attributes }
}

function changeOf(
  known: KnownDocument | null,
  version: string | null,
  memory: string | null,
): KnownItem | null {
  const kept = storable(memory)
  return known?.version === version && known.memory === kept ? null : { version, memory: kept }
}

/** PostgreSQL's text takes neither a zero byte nor half a character. */
const storable = (memory: string | null) =>
  memory === null ? null : memory.toWellFormed().replaceAll('\0', ' ')

async function hashOf({ content }: Extract<SourceContent, { type: 'content' }>) {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of content) {
    hash.update(piece)
    bytes += piece.byteLength
  }
  return { bytes, sha256: hash.digest('hex') }
}
