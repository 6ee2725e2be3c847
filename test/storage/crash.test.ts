import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase } from '../../src/storage/database.ts'
import { openPglite } from '../../src/storage/pglite.ts'
import { copyMigrated } from './migrated-pglite.ts'

const PROGRAM = fileURLToPath(new URL('insert-until-killed.ts', import.meta.url))
const ROUNDS = 6

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ragstone-crash-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

function startInserting(first: number) {
  const child = spawn(process.execPath, [PROGRAM, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => acknowledged.push(Number(line)))
  return {
    acknowledged,
    async nextRow() {
      const ended = once(lines, 'close').then(() => {
        throw new Error('The inserting process has ended by itself')
      })
      await Promise.race([once(lines, 'line'), ended])
    },
    async kill() {
      if (child.exitCode !== null) return
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
  }
}

test(
  'a process killed in the middle of inserts loses no row that it acknowledged',
  { timeout: 240_000 },
  async () => {
    await copyMigrated(directory)
    const acknowledged = new Set<number>()
    for (let round = 0; round < ROUNDS; round += 1) {
      const inserting = startInserting(round * 1_000_000)
      await inserting.nextRow()
      await sleep(30 + Math.random() * 500)
      await inserting.kill()
      for (const row of inserting.acknowledged) acknowledged.add(row)
    }

    const backend = await openPglite({ directory })
    const { rows } = await backend.pool.query<{ ordinal: number; matches: number }>(
      `select ordinal from chunks where tenant_id = 'ten_1'`,
    )
    const kept = new Set(rows.map(({ ordinal }) => ordinal))
    // The lexical index has survived too: it finds what the table holds.
    const { rowCount } = await backend.pool.query(
      `select from chunks where tenant_id = 'ten_1'
       order by (context || E'\\n' || text) <@> to_bm25query('row', 'chunks_' || tenant_partition('ten_1') || '_bm25') limit 100000`,
    )
    await backend.close()

    expect(acknowledged.size).toBeGreaterThan(ROUNDS)
    expect([...acknowledged].filter((row) => !kept.has(row))).toEqual([])
    expect(rowCount).toBe(kept.size)
    // In each round at most the one row that was committed but not yet acknowledged.
    expect(kept.size - acknowledged.size).toBeLessThanOrEqual(ROUNDS)
  },
)

test('killed while it is being made, a database is made again', { timeout: 120_000 }, async () => {
  for (const delay of [700, 1500, 2500]) {
    await rm(directory, { recursive: true, force: true })
    const inserting = startInserting(0)
    await sleep(delay)
    await inserting.kill()
    await mkdir(join(directory, 'postgres.new', 'half'), { recursive: true })

    const backend = await openPglite({ directory })
    const { rows } = await backend.pool.query('select 1 as one')
    await backend.close()

    expect(rows).toEqual([{ one: 1 }])
    expect(existsSync(join(directory, 'postgres.new', 'half'))).toBe(false)
    await rm(join(directory, 'postgres.new'), { recursive: true, force: true })
  }
})

test('a directory that another process has open is refused, by name', async () => {
  await copyMigrated(directory)
  const inserting = startInserting(0)
  await inserting.nextRow()

  await expect(openPglite({ directory })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(directory),
  })
  const before = inserting.acknowledged.length
  await inserting.nextRow()
  await inserting.kill()
  expect(inserting.acknowledged.length).toBeGreaterThan(before)
})

test('a directory that this process has open is refused, and free again once closed', async () => {
  await copyMigrated(directory)
  const backend = await openPglite({ directory })
  await expect(openPglite({ directory })).rejects.toMatchObject({ code: 'conflict' })
  await backend.close()

  const again = await openPglite({ directory })
  await again.close()
})

test('a long path of the data directory is no hindrance', async () => {
  const deep = join(directory, 'a-rather-long-name-of-a-folder/'.repeat(5))
  await copyMigrated(deep)
  const backend = await openPglite({ directory: deep })
  const { rows } = await backend.pool.query('select 1 as one')
  await backend.close()

  expect(rows).toEqual([{ one: 1 }])
})

test('a process whose lock was taken stops writing at once, and says so', async () => {
  await copyMigrated(directory)
  const failures: Error[] = []
  const backend = await openPglite({ directory, onFailure: (error) => failures.push(error) })
  const database = createDatabase(backend)
  const ask = () =>
    database.transact('ten_1', (transaction) => transaction.query('select 1 as one'))
  await rm(join(directory, 'lock'), { recursive: true })

  await expect.poll(() => failures.length).toBe(1)
  await expect
    .poll(() => ask().catch((error) => error))
    .toMatchObject({
      code: 'database_unavailable',
    })
  await backend.close()
  await backend.close()
  expect(failures).toHaveLength(1)
})
