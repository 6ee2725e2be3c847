// What the job machinery adds to a document: jobs that do nothing are sent and worked off, one after the other and beside each other.
//   node bench/measure-jobs.ts [--jobs 1000] [--queued 10000]
// PGlite always, PostgreSQL 18 where RAGSTONE_TEST_DATABASE_URL names one. `--queued` jobs of another tenant wait meanwhile,
// as when a large source is synced. Writes bench/results/jobs.json.
import { parseArgs } from 'node:util'
import { createId } from '../src/core/id.ts'
import type { Database } from '../src/core/ports/database.ts'
import type { IngestJob } from '../src/core/ports/queue.ts'
import { handled } from '../src/queue/pg-boss.ts'
import { ingestDocument } from '../src/jobs/ingest-document.ts'
import type { Backend } from '../src/storage/backend.ts'
import { createDatabase } from '../src/storage/database.ts'
import { migrate } from '../src/storage/migrate.ts'
import { openQueue } from '../test/open-queue.ts'
import { BACKENDS, openEmpty } from '../test/storage/backends.ts'
import { round } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000' },
    queued: { type: 'string', default: '10000' },
  },
})
const count = Number(options.jobs)
const queued = Number(options.queued)

export interface JobRow {
  readonly backend: 'pglite' | 'postgres'
  /** Jobs worked on at once. */
  readonly concurrency: number
  /** Jobs of another tenant that waited meanwhile. */
  readonly queued: number
  /** Milliseconds a job: what sending adds to a transaction, and from claim to settlement. */
  readonly sending: number
  readonly working: number
  readonly overhead: number
}

const rows: JobRow[] = []
const settings = (queued === 0 ? [0] : [0, queued]).flatMap((waiting) =>
  [1, 4].map((concurrency) => ({ concurrency, queued: waiting })),
)
for (const kind of BACKENDS) {
  for (const setting of settings) {
    const { backend, drop } = await openEmpty(kind)
    try {
      await migrate(backend.pool)
      rows.push(await measure(backend, setting))
      console.log(JSON.stringify(rows.at(-1)))
    } finally {
      await drop()
    }
  }
}
await writeResults('jobs', { jobs: count, rows })

async function measure(
  backend: Backend,
  setting: { readonly concurrency: number; readonly queued: number },
): Promise<JobRow> {
  const database = createDatabase(backend)
  const queue = await openQueue(backend, {
    jobs: [ingestDocument],
    onError: (error) => console.error(error),
  })
  const sender = queue.sender(ingestDocument)
  const [tenantId, otherId] = [await newTenant(backend), await newTenant(backend)]
  await database.transact(otherId, async (transaction) => {
    // Of the lowest priority, so that they wait.
    for (let at = 0; at < setting.queued; at += 1)
      await sender.send(transaction, jobOf(otherId, at), { priority: 'sync' })
  })
  if (setting.queued > 0) await backend.pool.query('analyze')

  const without = await timeEach(count, () => touch(database, tenantId))
  const withJob = await timeEach(count, (at) =>
    database.transact(tenantId, async (transaction) => {
      await transaction.query('select 1 from tenants where id = $1', [tenantId])
      await sender.send(transaction, jobOf(tenantId, at))
    }),
  )

  let done = 0
  const finished = Promise.withResolvers<void>()
  const began = performance.now()
  const work = handled(ingestDocument, async (job, _signal, attempt) => {
    if (job.tenantId !== tenantId) return
    await database.transact(tenantId, async (transaction) => {
      await transaction.query('select 1 from tenants where id = $1', [tenantId])
      await attempt.complete(transaction)
    })
    done += 1
    if (done === count) finished.resolve()
    return 'settled'
  })
  queue.work([work], { concurrency: setting.concurrency })
  await finished.promise
  const working = (performance.now() - began) / count
  await queue.stop({ timeoutMs: 5_000 })
  const sending = withJob - without
  return {
    backend: backend.kind,
    ...setting,
    sending: round(sending),
    working: round(working),
    overhead: round(sending + working - without),
  }
}

/** Milliseconds each. */
async function timeEach(times: number, work: (at: number) => Promise<unknown>): Promise<number> {
  for (let at = 0; at < 20; at += 1) await work(-1 - at)
  const began = performance.now()
  for (let at = 0; at < times; at += 1) await work(at)
  return (performance.now() - began) / times
}

function touch(database: Database, tenantId: string): Promise<unknown> {
  return database.transact(tenantId, (transaction) =>
    transaction.query('select 1 from tenants where id = $1', [tenantId]),
  )
}

function jobOf(tenantId: string, at: number): IngestJob {
  return { tenantId, vectorStoreId: 'vs_bench', fileId: `file-${at}` }
}

async function newTenant(backend: Backend): Promise<string> {
  const id = createId('ten_')
  await backend.pool.query('insert into tenants (id, name) values ($1, $1)', [id])
  return id
}
