import type { FileRecord } from '../../../core/ports/files.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { notFound } from '../../not-found.ts'

/** An expired file is gone, whether or not it has been swept away yet. Throws `resource_not_found`. */
export async function findFile(
  { database, files }: Pick<HttpDeps, 'database' | 'files'>,
  tenantId: string,
  fileId: string,
): Promise<FileRecord> {
  const file = await database.transact(tenantId, (transaction) => files.get(transaction, fileId))
  if (file === null || (file.expiresAt !== null && file.expiresAt.getTime() <= Date.now())) {
    throw notFound('file', fileId)
  }
  return file
}
