import { NO_CAPS, pastCap } from '../core/caps.ts'
import { AppError } from '../core/errors.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { FileRecord, Files } from '../core/ports/files.ts'
import { lockContent } from './content-lock.ts'
import { dropDocuments, findOrphans, touchStores, type DoomedDocument } from './drop-documents.ts'
import { selectPage } from './page-sql.ts'
import { readHeld } from './tenant-storage.ts'
import { liftReach } from './reach-settings.ts'

/** What has expired is gone, whether or not it has been swept away yet. */
export const UNEXPIRED = '(expires_at is null or expires_at > now())'

const COLUMNS = 'entry.id, filename, purpose, bytes, sha256, created_at, expires_at'

// Whoever inserts holds the tenant's counts until its commit, and looks at them again when it had to wait for them:
// the caps are exact. The counting itself is the table's trigger's.
const INSERT = `
  with room as (
    select from tenant_storage
    where tenant_id = $1 and ($9::bigint is null or files < $9)
      and ($10::bigint is null or stored_bytes + $5::bigint <= $10)
    for update)
  insert into files (tenant_id, id, filename, purpose, bytes, sha256, created_at, expires_at)
  select $1::text, $2::text, $3::text, $4::text, $5::bigint, $6::text, $7::timestamptz, $8::timestamptz from room
  returning id`

export function createFiles(): Files {
  return {
    async insert(transaction, file, caps = NO_CAPS) {
      const inserted = await transaction.query(INSERT, [
        transaction.tenantId,
        file.id,
        file.filename,
        file.purpose,
        file.bytes,
        file.sha256,
        file.createdAt,
        file.expiresAt,
        caps.files,
        caps.storedBytes,
      ])
      if (inserted.length === 0) {
        const more = { files: 1, storedBytes: file.bytes }
        throw (
          pastCap(caps, await readHeld(transaction), more) ??
          new Error('A file was refused although there was room for it.')
        )
      }
      await lockContent(transaction, file.sha256)
    },

    async get(transaction, id) {
      const [row] = await transaction.query<FileRow>(
        `select ${COLUMNS} from files as entry where tenant_id = $1 and id = $2 and ${UNEXPIRED}`,
        [transaction.tenantId, id],
      )
      return row === undefined ? null : toFile(row)
    },

    async list(transaction, cursor, purpose) {
      const source = {
        select: `select ${COLUMNS} from files as entry`,
        table: 'files',
        id: 'id',
        within: { tenant_id: transaction.tenantId },
        only: { purpose },
        also: () => [UNEXPIRED],
      }
      return (await selectPage<FileRow>(transaction, source, cursor)).map(toFile)
    },

    async expired(transaction, limit) {
      const rows = await transaction.query<{ id: string }>(
        'select id from files where tenant_id = $1 and expires_at <= now() order by expires_at limit $2',
        [transaction.tenantId, limit],
      )
      return rows.map((row) => row.id)
    },

    async delete(transaction, id) {
      await insistOnOwn(transaction, id)
      const documents = await transaction.query<DoomedDocument>(
        `select vector_store_id, file_id, text_sha256 from documents
         where tenant_id = $1 and file_id = $2 order by vector_store_id for update`,
        [transaction.tenantId, id],
      )
      await touchStores(
        transaction,
        documents.map((document) => document.vector_store_id),
      )
      await dropDocuments(transaction, documents)
      const [file] = await transaction.query<{ sha256: string }>(
        'delete from files where tenant_id = $1 and id = $2 returning sha256',
        [transaction.tenantId, id],
      )
      if (file === undefined) return null
      const hashes = [file.sha256, ...documents.map((document) => document.text_sha256)]
      return { orphans: await findOrphans(transaction, hashes) }
    },
  }
}

/** A key for certain vector stores deletes what it has uploaded, wherever that is by now, and nothing else. */
async function insistOnOwn(transaction: Transaction, id: string): Promise<void> {
  const [file] = await transaction.query<{ own: boolean | null }>(
    'select made_by_key = limited_to_key() as own from files where tenant_id = $1 and id = $2 and limited_to_key() is not null',
    [transaction.tenantId, id],
  )
  if (file === undefined) return
  if (file.own !== true)
    throw new AppError(
      'permission_denied',
      'This API key is for certain vector stores only, and did not upload this file: take it out of the store in place of deleting it.',
    )
  await liftReach(transaction)
}

interface FileRow {
  readonly id: string
  readonly filename: string
  readonly purpose: string
  readonly bytes: number
  readonly sha256: string
  readonly created_at: Date
  readonly expires_at: Date | null
}

function toFile(row: FileRow): FileRecord {
  return {
    id: row.id,
    filename: row.filename,
    purpose: row.purpose,
    bytes: row.bytes,
    sha256: row.sha256,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
