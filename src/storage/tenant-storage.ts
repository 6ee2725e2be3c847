import type { Held } from '../core/caps.ts'
import { AppError } from '../core/errors.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { TenantStorage } from '../core/ports/tenant-storage.ts'

export function createTenantStorage(): TenantStorage {
  return { held: readHeld }
}

export async function readHeld(transaction: Transaction): Promise<Held> {
  const [row] = await transaction.query<Held>(
    'select files, stored_bytes as "storedBytes", chunks from tenant_storage where tenant_id = $1',
    [transaction.tenantId],
  )
  // Every tenant has its row as long as it is there.
  if (row === undefined) throw new AppError('unauthenticated', 'This tenant no longer exists.')
  return row
}
