import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { WireSpaceComparison } from '../../src/contract/embedding-migration.ts'
import { SERVER_URL } from '../storage/backends.ts'
import { isChosen } from '../chosen-backends.ts'
import { QUESTION } from '../two-models.ts'
import { openReEmbeddingWorld, noise, type ReEmbeddingWorld } from './re-embedding-world.ts'

const KINDS = (
  SERVER_URL === undefined ? (['pglite'] as const) : (['pglite', 'postgres'] as const)
).filter(isChosen)
if (SERVER_URL === undefined)
  test.skip('re-embedding on postgres: RAGSTONE_TEST_DATABASE_URL names no PostgreSQL 18')

const ASKERS = 4
const MINUTES = 60_000

describe.each(KINDS)('embedding anew under load on %s', (kind) => {
  let world: ReEmbeddingWorld
  let storeId: string
  beforeAll(async () => {
    world = await openReEmbeddingWorld(kind)
    storeId = await world.fill(kind === 'pglite' ? 12 : 30)
  }, 5 * MINUTES)
  afterAll(() => world.close(), MINUTES)

  test(
    'no question fails or sees a mixture, and nothing is lost',
    { timeout: 6 * MINUTES },
    async () => {
      const load = startLoad(world, storeId)
      world.models.slowness = 30
      await world.send('POST /api/embeddings/migrate', { model: 'beta' })
      const seen = [await world.until('ready')]
      const everywhere = (best: string) =>
        vi.waitFor(
          async () => {
            for (const place of world.servers.keys())
              expect((await world.find(storeId, place))[0]).toBe(best)
          },
          { timeout: 20_000, interval: 100 },
        )
      await everywhere('alpha-best.txt')
      const expected = [{ file: 'alpha-best.txt' }]
      const golden = [{ question: QUESTION, expected }]
      const inStore = `/api/vector_stores/${storeId}/golden_questions`
      await world.send(`POST ${inStore}`, { questions: golden })
      const compared = await world.send<WireSpaceComparison>('POST /api/embeddings/compare', {})
      await world.send('POST /api/embeddings/cut-over', {})
      await everywhere('beta-best.txt')
      await sleep(1_000)
      seen.push(await world.status())
      await world.send('POST /api/embeddings/roll-back', {}, world.servers.length - 1)
      await everywhere('alpha-best.txt')
      await sleep(1_000)
      seen.push(await world.status())
      await world.send('POST /api/embeddings/cut-over', {})
      await everywhere('beta-best.txt')
      seen.push(await world.status())
      await world.send('POST /api/embeddings/drop-old', {})
      await sleep(3_000)
      await everywhere('beta-best.txt')
      const { failures, firsts, changes } = await load.stop()

      expect(compared).toMatchObject({ questions_from: 'golden', questions: 1, judged: 1 })
      expect(compared.old?.recall_at_10).toBe(1)
      expect(failures).toEqual([])
      expect(new Set(firsts)).toEqual(new Set(['alpha-best.txt', 'beta-best.txt']))
      expect(firsts.length).toBeGreaterThan(50)
      expect(Math.min(changes.added, changes.edited, changes.deleted)).toBeGreaterThan(3)
      // Whenever one looked, every chunk had both.
      for (const { progress } of seen) expect(progress?.done).toBe(progress?.chunks)
      const models = (await world.status()).models.filter(({ stored }) => stored)
      expect(models).toEqual([{ id: 'beta-8', available: true, stored: true }])
    },
  )

  test(
    'a server that is killed while it builds goes on where it was',
    { timeout: 4 * MINUTES },
    async () => {
      world.models.slowness = 300
      const before = world.models.embedded['gamma'] ?? 0
      await world.send('POST /api/embeddings/migrate', { model: 'gamma' })
      await vi.waitFor(() => expect(world.models.embedded['gamma']).toBeGreaterThan(before), {
        timeout: MINUTES,
        interval: 20,
      })
      await world.servers[0]?.kill()
      await world.restart(0)
      world.models.slowness = 0
      const { progress } = await world.until('ready')

      expect(progress?.done).toBe(progress?.chunks)
    },
  )

  test(
    'a server that is killed while it cuts over has done it or has not',
    { timeout: 4 * MINUTES },
    async () => {
      const holder = await holdSpaces(world.databaseUrl)
      const cutting = world.send('POST /api/embeddings/cut-over', {}).catch(() => undefined)
      await sleep(holder === null ? 20 : 500)
      await world.servers[0]?.kill()
      await cutting
      await holder?.end()
      await world.restart(0)

      const { serving, migration } = await world.status()
      // Who waited for somebody that indexes had changed nothing yet; nobody waits in an embedded database.
      const before = ['beta-8', 'ready']
      expect(holder === null ? [before, ['gamma-16', 'cut_over']] : [before]).toContainEqual([
        serving,
        migration?.status,
      ])
      if (migration?.status === 'ready') await world.send('POST /api/embeddings/cut-over', {})
      expect((await world.status()).serving).toBe('gamma-16')
    },
  )

  test('gone back and given up, nothing is left of it', { timeout: 2 * MINUTES }, async () => {
    await world.send('POST /api/embeddings/roll-back', {})
    await world.send('POST /api/embeddings/cancel', {})
    const { models } = await vi.waitFor(
      async () => {
        const seen = await world.status()
        expect(seen.models.filter(({ stored }) => stored)).toHaveLength(1)
        return seen
      },
      { timeout: 20_000, interval: 100 },
    )

    expect(models.find(({ stored }) => stored)?.id).toBe('beta-8')
    expect((await world.find(storeId))[0]).toBe('beta-best.txt')
  })
})

/** As somebody who is indexing does, for as long as he is connected; null where nobody else can connect. */
async function holdSpaces(url: string | null): Promise<pg.Client | null> {
  if (url === null) return null
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('begin')
  await client.query('select from written_spaces()')
  return client
}

interface Loaded {
  readonly failures: readonly string[]
  /** What each question found first. */
  readonly firsts: readonly string[]
  readonly changes: { added: number; edited: number; deleted: number }
}

/** Questions without a pause, while documents are added, edited and deleted. */
function startLoad(world: ReEmbeddingWorld, storeId: string): { stop(): Promise<Loaded> } {
  const failures: string[] = []
  const firsts: string[] = []
  const changes = { added: 0, edited: 0, deleted: 0 }
  let over = false
  const forever = async (work: (round: number) => Promise<void>): Promise<void> => {
    for (let round = 0; !over; round += 1)
      await work(round).catch((error: unknown) => void failures.push(String(error)))
  }
  const asking = Array.from({ length: ASKERS }, (_, asker) =>
    forever(async () => {
      const [first = 'nothing'] = await world.find(storeId, asker % world.servers.length)
      firsts.push(first)
    }),
  )
  const own: string[] = []
  const changing = [
    forever(async (round) => {
      own.push(await world.add(storeId, `more-${round}.txt`, noise(100 + round)))
      changes.added += 1
      await sleep(150)
    }),
    forever(async (round) => {
      const chunkId = await someChunk(world, storeId)
      await world.send(`POST /api/chunks/${chunkId}`, { text: `It was edited, ${round}.` })
      changes.edited += 1
      await sleep(100)
    }),
    forever(async () => {
      await sleep(400)
      const fileId = own.shift()
      if (fileId === undefined) return
      await world.send(`DELETE /v1/files/${fileId}`)
      changes.deleted += 1
    }),
  ]
  return {
    async stop() {
      over = true
      await Promise.all([...asking, ...changing])
      return { failures, firsts, changes }
    },
  }
}

/** Of a document that nobody deletes. */
async function someChunk(world: ReEmbeddingWorld, storeId: string): Promise<string> {
  const { client } = world.servers[0] ?? {}
  const files = await client?.vectorStores.files.list(storeId, { limit: 50, order: 'asc' })
  const kept = files?.data[3]
  const { data } = await world.send<{ data: { id: string }[] }>(
    `GET /api/vector_stores/${storeId}/files/${kept?.id}/chunks`,
  )
  const chunk = data[Math.floor(Math.random() * data.length)]
  if (chunk === undefined) throw new Error('There is no chunk.')
  return chunk.id
}
