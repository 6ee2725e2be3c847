import pg from 'pg'
import type { Transaction } from '../core/ports/database.ts'
import type { Reach } from '../core/reach.ts'

const SETTINGS = ['ragstone.limited_to_key', 'ragstone.limited_to_stores'] as const

/** What holds the rest of a transaction to a key's stores, to follow `select`; nothing for everybody else. */
export function reachSettings(reach: Reach | null): readonly string[] {
  if (reach === null) return []
  const values = [reach.keyId, reach.vectorStoreIds.join(',')]
  return SETTINGS.map(
    (name, index) => `set_config('${name}', ${pg.escapeLiteral(values[index] ?? '')}, true)`,
  )
}

/** Lets the rest of this transaction see the whole tenant, for what must not be judged by a part of it. */
export async function liftReach(transaction: Transaction): Promise<void> {
  const lifted = SETTINGS.map((name) => `set_config('${name}', '', true)`)
  await transaction.query(`select ${lifted.join(', ')}`)
}
