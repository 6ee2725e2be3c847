import { ADVISORY_LOCKS } from '../core/advisory-locks.ts'
import type pg from 'pg'
import { createId } from '../core/id.ts'
import type { ObjectStore } from '../core/ports/object-store.ts'
import { blobKey } from './blob-key.ts'
import { ownerTransaction, type OwnerTransaction } from './owner-transaction.ts'
import { readStoreId, writeStoreId } from './store-identity.ts'

export interface FilePlace {
  readonly objects: ObjectStore
  /** Where that is, in words. */
  readonly place: string
}

export interface FileStoreFinding {
  /**
   * `same`: the files here are this database's. `new`: nobody's yet, or this database's without a word on it. `absent`:
   * this database's files are elsewhere. `foreign`: these are another database's.
   */
  readonly fit: 'absent' | 'foreign' | 'new' | 'same'
  /** Of this database's files; null before its first start. */
  readonly id: string | null
  /** What stands in the place. */
  readonly found: string | null
  /** Where this database's files were last seen. */
  readonly lastSeen: string | null
}

interface Row {
  readonly id: string
  readonly place: string | null
  readonly confirmed: boolean
}

/** So many contents are looked for where nothing else tells whose files these are. */
const SAMPLE = 20
const SOME_CONTENTS = 'select tenant_id, sha256 from some_contents($1)'

/** Whether the files of this database are in that place. Changes nothing. */
export function examineFileStore(pool: pg.Pool, of: FilePlace): Promise<FileStoreFinding> {
  return ownerTransaction(pool, async (transaction) => {
    const [table] = await transaction.query<{ present: boolean }>(
      `select to_regclass('file_store') is not null as present`,
    )
    if (table?.present !== true) return { fit: 'new', id: null, found: null, lastSeen: null }
    return examine(transaction, of)
  })
}

/** The same; and where they may well be, the place and the database are told of each other. */
export function settleFileStore(
  pool: pg.Pool,
  of: FilePlace,
  signal?: AbortSignal,
): Promise<FileStoreFinding> {
  return ownerTransaction(pool, async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.fileStore])
    // Known before it is written anywhere: whoever is killed between the two goes on here.
    await transaction.query('insert into file_store (id) values ($1) on conflict do nothing', [
      createId('fst_'),
    ])
    const finding = await examine(transaction, of, signal)
    if (finding.fit === 'absent' || finding.fit === 'foreign') return finding
    const id = finding.found ?? finding.id ?? ''
    if (finding.found === null) await writeStoreId(of.objects, id, signal)
    if (finding.fit === 'new' || finding.lastSeen !== of.place)
      await transaction.query('update file_store set id = $1, place = $2, confirmed_at = now()', [
        id,
        of.place,
      ])
    return finding
  })
}

async function examine(
  transaction: OwnerTransaction,
  of: FilePlace,
  signal?: AbortSignal,
): Promise<FileStoreFinding> {
  const [row = null] = await transaction.query<Row>(
    'select id, place, confirmed_at is not null as confirmed from file_store',
  )
  const found = await readStoreId(of.objects, signal)
  const contents = () => transaction.query<KeptContent>(SOME_CONTENTS, [SAMPLE])
  const fit =
    row?.confirmed === true
      ? await fitOfKnown(row, { found, place: of.place, contents })
      : await fitOfNew(row, {
          found,
          holds: (all) => holdsOneOf(of.objects, all, signal),
          contents,
        })
  return { fit, id: row?.id ?? null, found, lastSeen: row?.place ?? null }
}

type Contents = () => Promise<readonly KeptContent[]>

async function fitOfKnown(
  row: Row,
  { found, place, contents }: { found: string | null; place: string; contents: Contents },
): Promise<FileStoreFinding['fit']> {
  if (found !== null) return found === row.id ? 'same' : 'foreign'
  // Emptied where it was, before anything was in it.
  return row.place === place && (await contents()).length === 0 ? 'new' : 'absent'
}

/** Of a database that has seen none yet, what is in the place tells. */
async function fitOfNew(
  row: Row | null,
  of: {
    readonly found: string | null
    readonly contents: Contents
    readonly holds: (contents: readonly KeptContent[]) => Promise<boolean>
  },
): Promise<FileStoreFinding['fit']> {
  const { found, contents, holds } = of
  if (found !== null && found === row?.id) return 'new'
  const all = await contents()
  if (found !== null) return (await holds(all)) ? 'new' : 'foreign'
  return all.length === 0 || (await holds(all)) ? 'new' : 'absent'
}

interface KeptContent {
  readonly tenant_id: string
  readonly sha256: string
}

async function holdsOneOf(
  objects: ObjectStore,
  contents: readonly KeptContent[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const { tenant_id: tenantId, sha256 } of contents)
    if ((await objects.find(blobKey(tenantId, sha256), signal)) !== null) return true
  return false
}
