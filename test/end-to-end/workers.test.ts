import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFile, type OpenAI } from 'openai'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { startSlowEmbeddings, type SlowEmbeddings } from '../slow-embeddings.ts'
import { SERVER_URL } from '../storage/backends.ts'
import { startWorkerProcess, type WorkerProcess } from '../worker-process.ts'
import { makeServerDatabase } from './served-backend.ts'

test('a worker of its own is refused over the embedded database, and told how to go on', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ragstone-work-'))
  const worker = await startWorkerProcess({ DATABASE_URL: '', RAGSTONE_DATA_DIRECTORY: directory })
  const { code, log } = await worker.ended
  await rm(directory, { recursive: true, force: true })

  expect(code).toBe(1)
  expect(log).toContain('ingest.concurrency')
  expect(log).toContain('DATABASE_URL')
})

describe.skipIf(SERVER_URL === undefined)('workers apart from the server (PostgreSQL)', () => {
  let directory: string
  let database: Awaited<ReturnType<typeof makeServerDatabase>>
  let sql: pg.Client
  let slow: SlowEmbeddings
  let server: RagstoneProcess
  let environment: Record<string, string>
  const workers: WorkerProcess[] = []
  const startWorker = async (): Promise<WorkerProcess> => {
    const worker = await startWorkerProcess(environment)
    workers.push(worker)
    return worker
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ragstone-work-'))
    database = await makeServerDatabase()
    sql = new pg.Client({ connectionString: database.url })
    await sql.connect()
    slow = await startSlowEmbeddings()
    environment = {
      ...slow.environment,
      DATABASE_URL: database.url,
      RAGSTONE_DATA_DIRECTORY: directory,
      RAGSTONE_SERVER_WORKERS: '0',
    }
    server = await startRagstone({ dataDirectory: directory, environment })
  }, 120_000)
  afterAll(async () => {
    slow.release()
    for (const worker of workers) await worker.stop()
    await server.stop()
    await slow.close()
    await sql.end()
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  })

  const jobs = async () => {
    const { rows } = await sql.query<{ state: string; failures: number; left: number }>(
      `select state::text, coalesce((output ->> 'failures')::int, 0) as failures,
         retry_limit - retry_count as left from pgboss.job where name = 'ingest-document'`,
    )
    return rows
  }
  const upload = async (text: string): Promise<{ storeId: string; fileId: string }> => {
    const store = await server.client.vectorStores.create({ name: 'papers' })
    const content = await toFile(Buffer.from(text), 'note.txt')
    const file = await server.client.files.create({ file: content, purpose: 'assistants' })
    await server.client.vectorStores.files.create(store.id, { file_id: file.id })
    return { storeId: store.id, fileId: file.id }
  }
  const statusOf = async (
    client: OpenAI,
    { storeId, fileId }: { storeId: string; fileId: string },
  ) => (await client.vectorStores.files.retrieve(fileId, { vector_store_id: storeId })).status

  test(
    'a job of a worker that is stopped, and then of one that is killed, is taken up by another',
    { timeout: 180_000 },
    async () => {
      const document = await upload('It rains in the mountains.')
      // The server itself works on nothing.
      expect(await jobs()).toEqual([{ state: 'created', failures: 0, left: 8 }])

      const first = await startWorker()
      await vi.waitFor(() => expect(slow.count()).toBe(1), { timeout: 30_000, interval: 100 })
      const second = await startWorker()
      expect(await first.stop()).toBe(0)
      // Handed back at once, and no attempt is lost.
      await vi.waitFor(() => expect(slow.count()).toBe(2), { timeout: 30_000, interval: 100 })
      expect(await jobs()).toEqual([{ state: 'active', failures: 0, left: 8 }])

      await startWorker()
      await second.kill()
      await vi.waitFor(() => expect(slow.count()).toBe(3), { timeout: 30_000, interval: 100 })
      expect(await jobs()).toEqual([{ state: 'active', failures: 1, left: 7 }])

      slow.release()
      await vi.waitFor(
        async () => expect(await statusOf(server.client, document)).toBe('completed'),
        { timeout: 30_000, interval: 100 },
      )
      expect(await jobs()).toEqual([{ state: 'completed', failures: 1, left: 7 }])
    },
  )
})
