import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { DataKeys, MasterKeyUse } from '../core/ports/data-keys.ts'
import { createMasterKey, unwrapDataKey, wrapDataKey, type MasterKey } from './master-key.ts'
import { ownerTransaction, type OwnerTransaction } from './owner-transaction.ts'

export interface MasterKeys {
  /** Wraps. */
  readonly current: MasterKey
  /** Still opens what it has wrapped. */
  readonly previous: MasterKey | null
}

export function masterKeysOf(current: Buffer, previous: Buffer | null): MasterKeys {
  return {
    current: createMasterKey(current),
    previous: previous === null ? null : createMasterKey(previous),
  }
}

/** As many tenants' keys as are held at once; the one that was not used for longest goes first. */
const MOST_HELD = 10_000

/** A tenant's key never changes; only what it is wrapped with does. */
export function createDataKeys(pool: pg.Pool, masters: MasterKeys): DataKeys {
  const held = new Map<string, Promise<Buffer>>()

  return {
    of(tenantId) {
      const found = held.get(tenantId) ?? readOrMake(tenantId)
      // Last is youngest.
      held.delete(tenantId)
      held.set(tenantId, found)
      found.catch(() => held.delete(tenantId))
      const [oldest] = held.keys()
      if (held.size > MOST_HELD && oldest !== undefined) held.delete(oldest)
      return found
    },
    forget(tenantId) {
      held.delete(tenantId)
    },
    async rewrap(signal) {
      const { rows } = await pool.query<{ id: string }>('select id from tenants order by id')
      let rewrapped = 0
      for (const { id } of rows) {
        signal?.throwIfAborted()
        if (await rewrapOne(id)) rewrapped += 1
      }
      return { rewrapped, masterKeys: await usedMasterKeys(pool, masters) }
    },
    uses: () => usedMasterKeys(pool, masters),
  }

  function readOrMake(tenantId: string): Promise<Buffer> {
    return ownerTransaction(pool, async (transaction) => {
      await transaction.enter(tenantId)
      const { current } = masters
      const dataKey = randomBytes(32)
      await transaction.query(
        `insert into tenant_data_keys (tenant_id, wrapped, master_key_id) values ($1, $2, $3)
         on conflict (tenant_id) do nothing`,
        [tenantId, wrapDataKey(current, tenantId, dataKey), current.id],
      )
      const row = await read(transaction, tenantId)
      if (row === null) throw new Error(`The data key of ${tenantId} went while it was made.`)
      return unwrap(row, tenantId)
    })
  }

  function unwrap({ wrapped, master_key_id }: KeyRow, tenantId: string): Buffer {
    const { current, previous } = masters
    const master = [current, previous].find((each) => each?.id === master_key_id)
    if (master === undefined || master === null)
      throw new Error(
        `The data key of ${tenantId} is wrapped by the master key ${master_key_id}, which is neither blobs.master_key nor blobs.previous_master_key.`,
      )
    return unwrapDataKey(master, tenantId, wrapped)
  }

  function rewrapOne(tenantId: string): Promise<boolean> {
    return ownerTransaction(pool, async (transaction) => {
      await transaction.enter(tenantId)
      const row = await read(transaction, tenantId)
      if (row === null || row.master_key_id === masters.current.id) return false
      const wrapped = wrapDataKey(masters.current, tenantId, unwrap(row, tenantId))
      await transaction.query(
        `update tenant_data_keys set wrapped = $2, master_key_id = $3, wrapped_at = now() where tenant_id = $1`,
        [tenantId, wrapped, masters.current.id],
      )
      return true
    })
  }
}

interface KeyRow {
  readonly wrapped: Buffer
  readonly master_key_id: string
}

async function read(transaction: OwnerTransaction, tenantId: string): Promise<KeyRow | null> {
  const [row] = await transaction.query<KeyRow>(
    'select wrapped, master_key_id from tenant_data_keys where tenant_id = $1 for update',
    [tenantId],
  )
  return row ?? null
}

/** Every master key that some tenant's key is wrapped by, and whether it is at hand. */
export async function usedMasterKeys(
  pool: pg.Pool,
  masters: MasterKeys | null,
): Promise<readonly MasterKeyUse[]> {
  const { rows } = await pool.query<{ master_key_id: string; tenants: number }>(
    'select master_key_id, tenants::integer as tenants from used_master_keys()',
  )
  return rows.map(({ master_key_id: id, tenants }) => ({
    id,
    tenants,
    role:
      id === masters?.current.id
        ? 'current'
        : id === masters?.previous?.id
          ? 'previous'
          : 'unknown',
  }))
}
