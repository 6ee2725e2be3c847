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
  /** Null where there is nothing new to be remembered. */
  | { readonly type: 'unchanged'; readonly remember: KnownItem | null }
  /** Of a dry run: it would be taken in. */
  | { readonly type: 'wanted'; readonly bytes: number }
  | NewContent

export interface NewContent extends KnownItem {
  readonly type: 'content'
  readonly filename: string
  /** The reader's to discard. */
  readonly spooled: SpooledContent
  readonly attributes: Attributes
}

/** Reads a document as far as it must to say whether it is new. */
export async function readDocument(
  deps: Pick<SyncDeps, 'database' | 'sourceDocuments' | 'spool'>,
  of: {
    readonly running: RunningSync
    readonly item: Extract<SourceItem, { type: 'document' }>
    readonly isKnown: boolean
  },
): Promise<ReadDocument> {
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
  if (content.type === 'unchanged')
    return {
      type: 'unchanged',
      remember: changeOf(known, item.version ?? known?.version ?? null, content.memory),
    }
  const version = content.version ?? item.version
  const memory = storable(content.memory)
  if (sync.dryRun) {
    const { bytes, sha256 } = await hashOf(content)
    if (bytes === 0) return { type: 'skipped', reason: EMPTY }
    return known?.sha256 === sha256
      ? { type: 'unchanged', remember: null }
      : { type: 'wanted', bytes }
  }
  const spooled = await deps.spool.take(content.content)
  if (spooled.bytes > 0 && known?.sha256 !== spooled.sha256) {
    const { filename, attributes } = content
    return { type: 'content', filename, spooled, version, memory, attributes }
  }
  await spooled.discard()
  return spooled.bytes === 0
    ? { type: 'skipped', reason: EMPTY }
    : { type: 'unchanged', remember: changeOf(known, version, memory) }
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
