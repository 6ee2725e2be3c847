import { migrate } from '../../src/storage/migrate.ts'
import { createDatabase } from '../../src/storage/database.ts'
import { openPglite } from '../../src/storage/pglite.ts'

// A process of its own, for a test to kill. Every line it writes is the number of a row that was committed.
const [directory = '', first = '0'] = process.argv.slice(2)
const backend = await openPglite({ directory })
await migrate(backend.pool)
await backend.pool.query(
  `insert into tenants (id, name) values ('ten_1', 'one') on conflict do nothing`,
)
const database = createDatabase(backend)
for (let row = Number(first); ; row += 1) {
  await database.transact('ten_1', (transaction) =>
    transaction.query(
      `insert into chunks (tenant_id, vector_store_id, file_id, ordinal, start_byte, end_byte, text, context, headings, tokens)
       values ('ten_1', 'vs_1', 'file-1', $1, 0, 1, 'row ' || $1::integer, '', '{}', 1)`,
      [row],
    ),
  )
  process.stdout.write(`${row}\n`)
}
