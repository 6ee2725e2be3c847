import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFile } from 'openai'
import { vi } from 'vitest'
import type { WireEmbeddingsStatus } from '../../src/contract/embedding-migration.ts'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { ANCHORS, QUESTION, startTwoModels, twoModelsYaml, type TwoModels } from '../two-models.ts'
import { startWorkerProcess, type WorkerProcess } from '../worker-process.ts'
import { makeServerDatabase } from './served-backend.ts'

const SCOPES = ['operator', 'admin', 'ask', 'ingest', 'read']

export interface ReEmbeddingWorld {
  readonly models: TwoModels
  /** Started, first to last; who is killed is replaced by `restart`. */
  readonly servers: readonly RagstoneProcess[]
  /** Null on PGlite. */
  readonly databaseUrl: string | null
  restart(place: number): Promise<void>
  /** `METHOD /path`, to the first server unless another is named. */
  send<Result>(route: string, body?: object, place?: number): Promise<Result>
  status(): Promise<WireEmbeddingsStatus>
  until(status: string): Promise<WireEmbeddingsStatus>
  /** A store with the anchors and some more chunks. */
  fill(documents: number): Promise<string>
  add(storeId: string, filename: string, text: string): Promise<string>
  /** Names of what is found by meaning alone, best first. */
  find(storeId: string, place?: number): Promise<readonly string[]>
  close(): Promise<void>
}

/** Servers with two models on one database: one embedded, or two and a worker on a PostgreSQL. */
export async function openReEmbeddingWorld(kind: 'pglite' | 'postgres'): Promise<ReEmbeddingWorld> {
  const models = await startTwoModels()
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-embed-'))
  const config = join(folder, 'ragstone.yaml')
  await writeFile(config, twoModelsYaml(models.baseUrl))
  const database = kind === 'postgres' ? await makeServerDatabase() : null
  const environment = { DATABASE_URL: database?.url ?? '', RAGSTONE_CONFIG: config }
  const dataDirectory = join(folder, 'data')
  const start = (key?: string) =>
    startRagstone({
      dataDirectory,
      environment,
      scopes: SCOPES,
      ...(key === undefined ? {} : { key }),
    })
  const first = await start()
  const servers = [first]
  const workers: WorkerProcess[] = []
  if (kind === 'postgres') {
    servers.push(await start(first.key))
    workers.push(
      await startWorkerProcess({ ...environment, RAGSTONE_DATA_DIRECTORY: dataDirectory }),
    )
  }
  const world: ReEmbeddingWorld = {
    models,
    servers,
    databaseUrl: database?.url ?? null,
    async restart(place) {
      servers[place] = await start(first.key)
    },
    async send<Result>(route: string, body?: object, place = 0) {
      const [method = '', path = ''] = route.split(' ')
      const response = await fetch(`${servers[place]?.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${first.key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${route}: ${response.status} ${text}`)
      return JSON.parse(text) as Result
    },
    status: () => world.send<WireEmbeddingsStatus>('GET /api/embeddings'),
    until: (status) =>
      vi.waitFor(
        async () => {
          const seen = await world.status()
          if (seen.migration?.status !== status)
            throw new Error(`It is ${JSON.stringify(seen)}, not ${status}.`)
          return seen
        },
        { timeout: 90_000, interval: 200 },
      ),
    async add(storeId, filename, text) {
      const { client } = servers[0] ?? first
      const content = await toFile(Buffer.from(text), filename)
      const file = await client.files.create({ file: content, purpose: 'assistants' })
      await client.vectorStores.files.create(storeId, { file_id: file.id })
      return file.id
    },
    async fill(documents) {
      const { client } = servers[0] ?? first
      const store = await client.vectorStores.create({ name: 'library' })
      for (const anchor of ANCHORS) await world.add(store.id, `${anchor}.txt`, `This is ${anchor}.`)
      for (let place = 0; place < documents; place += 1)
        await world.add(store.id, `noise-${place}.txt`, noise(place))
      await vi.waitFor(
        async () => {
          const { file_counts: counts } = await client.vectorStores.retrieve(store.id)
          if (counts.completed !== documents + ANCHORS.length)
            throw new Error(JSON.stringify(counts))
        },
        { timeout: 120_000, interval: 200 },
      )
      return store.id
    },
    async find(storeId, place = 0) {
      const page = await world.send<{ data: { filename: string }[] }>(
        `POST /v1/vector_stores/${storeId}/search`,
        {
          query: QUESTION,
          max_num_results: 3,
          ranking_options: { hybrid_search: { embedding_weight: 1, text_weight: 0 } },
        },
        place,
      )
      return page.data.map(({ filename }) => filename)
    },
    async close() {
      for (const worker of workers) await worker.stop()
      for (const server of servers) await server.stop()
      await models.close()
      await database?.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return world
}

/** Several chunks of it. */
export function noise(place: number): string {
  const words = Array.from({ length: 900 }, (_, at) => `word${(at * 7 + place * 13) % 997}`)
  return words.join(' ').replaceAll(/(?:\S+\s+){12}/g, '$&.\n\n')
}
