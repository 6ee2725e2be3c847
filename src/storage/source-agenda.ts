import type pg from 'pg'
import type { SourceAgenda, SourcePlace } from '../core/ports/sources.ts'
import { asDatabaseError } from './database-error.ts'

/** As the owner of the schema: its rows are nobody's but the server's. */
export function createSourceAgenda(pool: pg.Pool): SourceAgenda {
  const ask = async <Row extends object>(text: string, values: readonly unknown[]) => {
    try {
      return (await pool.query<Row>(text, [...values])).rows
    } catch (error) {
      throw asDatabaseError(error)
    }
  }
  return {
    takeDue: (limit, seconds) =>
      ask<SourcePlace>(
        `update source_agenda as agenda set taken_until = now() + $2 * interval '1 second'
         from (
           select tenant, source_id from source_agenda where due_at <= now() and taken_until <= now()
           order by due_at limit $1 for update skip locked) as due
         where agenda.tenant = due.tenant and agenda.source_id = due.source_id
         returning agenda.tenant as "tenantId", agenda.source_id as "sourceId"`,
        [limit, seconds],
      ),
    // Whoever comes second waits for the row, and then finds that it is no longer free.
    takeWatches: (worker, seconds) =>
      ask<SourcePlace & { readonly revision: Date }>(
        `update source_agenda set watcher = $1, watched_until = now() + $2 * interval '1 second'
         where watched and (watcher = $1 or watched_until <= now())
         returning tenant as "tenantId", source_id as "sourceId", revision`,
        [worker, seconds],
      ),
    async leaveWatches(worker) {
      await ask(
        `update source_agenda set watcher = null, watched_until = '-infinity' where watcher = $1`,
        [worker],
      )
    },
  }
}
