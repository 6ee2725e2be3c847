import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDraw, type Draw } from '../http/fuzz/draw.ts'
import { startPostgres, type OwnPostgres } from '../own-postgres.ts'
import type { RagstoneProcess } from '../ragstone-process.ts'
import { startCast } from './cast.ts'
import { drawDocument } from './draw-document.ts'
import { examine, type Examination } from './examine.ts'
import { startMoodyEmbeddings, type MoodyEmbeddings } from './moody-embeddings.ts'
import { uploadAll } from './upload-all.ts'

export interface ChaosOptions {
  readonly kind: 'pglite' | 'postgres'
  readonly seed: number
  readonly documents: number
  /** Of all processes together. */
  readonly kills: number
  /** Of the database server, for so many seconds each. */
  readonly stops: readonly number[]
}

export interface ChaosOutcome extends Examination {
  readonly documents: number
  /** How often each was killed. */
  readonly kills: Readonly<Record<string, number>>
  readonly stops: readonly string[]
  /** How often the embedding service answered in which way. */
  readonly embeddings: Readonly<Record<string, number>>
  /** Dead for a reason that had passed, and begun anew at the end. */
  readonly replayed: number
  /** Uploaded, but never acknowledged: deleted again at the end. */
  readonly unacknowledged: number
  /** What writes cut off by a kill had left among the files, for the sweep to take. */
  readonly swept: number
  readonly seconds: number
}

const SETTLED_SECONDS = 600
/** Is waited at most for the next work to begin. */
const AT_WORK_MS = 6_000
const DAY_MS = 86_400_000

/** Lets everything fail while documents are added, then lets it settle, and looks at every row and file that is left. */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const { kind, seed } = options
  const started = performance.now()
  // Numbers below are those of documents.
  const draw = createDraw(seed, -1)
  const documents = await Promise.all(
    Array.from({ length: options.documents }, (_, at) => drawDocument(createDraw(seed, at), at)),
  )
  const directory = await mkdtemp(join(tmpdir(), 'ragstone-chaos-'))
  const postgres = kind === 'postgres' ? await startPostgres() : null
  const embeddings = await startMoodyEmbeddings(createDraw(seed, -2))
  const place = { directory, url: postgres?.url ?? '' }
  try {
    const cast = await startCast({
      directory,
      workers: kind === 'postgres' ? 2 : 0,
      environment: {
        ...embeddings.environment,
        DATABASE_URL: place.url,
        RAGSTONE_CHUNKING_MAX_TOKENS: '64',
        RAGSTONE_CHUNKING_OVERLAP_TOKENS: '8',
        RAGSTONE_INGEST_CONCURRENCY: '2',
        RAGSTONE_INGEST_READER_THREADS: '1',
      },
    })
    const { client } = await cast.server()
    const storeId = (await client.vectorStores.create({ name: 'papers' })).id
    const events = makeEvents(options, draw)
    const happened = events.map(() => Promise.withResolvers<void>())
    const uploads = uploadAll(documents, {
      storeId,
      server: () => cast.server(),
      // As many of them before each event.
      turn: async (at) => {
        await happened[Math.floor((at * (events.length + 1)) / documents.length) - 1]?.promise
      },
    })
    uploads.catch(() => undefined)
    const kills: Record<string, number> = {}
    for (const [at, event] of events.entries()) {
      await untilAtWork(embeddings, 1 + draw.int(documents.length / events.length))
      await sleep(draw.int(1_000))
      if (event === 'kill') {
        const victim = draw.pick(cast.actors)
        await victim.up()
        await victim.kill()
        kills[victim.name] = (kills[victim.name] ?? 0) + 1
      } else await stopFor(postgres, event)
      happened[at]?.resolve()
    }
    const known = await uploads
    embeddings.heal()
    for (const actor of cast.actors) await actor.up()

    const server = await cast.server()
    await untilSettled(server, storeId)
    const replayed = await replayPassing(server)
    if (replayed > 0) await untilSettled(server, storeId)
    const unacknowledged = await deleteOthers(server, known)
    const { swept, faults } = await sweep(server, join(directory, 'blobs'))
    await cast.stop()
    const examination = await examine(place, known)
    return {
      ...examination,
      faults: [...examination.faults, ...faults],
      documents: documents.length,
      kills,
      stops: events.flatMap((event) =>
        event === 'kill' ? [] : [`${event.mode}, ${event.seconds} s`],
      ),
      embeddings: embeddings.answers,
      replayed,
      unacknowledged,
      swept,
      seconds: Math.round((performance.now() - started) / 1000),
    }
  } finally {
    await embeddings.close()
    await postgres?.drop()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Nothing would be in anybody's hands otherwise. */
async function untilAtWork({ answers }: MoodyEmbeddings, more: number): Promise<void> {
  const count = () => Object.values(answers).reduce((sum, each) => sum + each, 0)
  const before = count()
  const until = performance.now() + AT_WORK_MS
  while (count() < before + more && performance.now() < until) await sleep(20)
}

type Event = 'kill' | { readonly mode: 'fast' | 'immediate'; readonly seconds: number }

function makeEvents({ kind, kills, stops }: ChaosOptions, draw: Draw): readonly Event[] {
  const events: Event[] = Array.from({ length: kills }, () => 'kill')
  if (kind === 'pglite') return events
  for (const [at, seconds] of stops.entries()) {
    const mode = at % 2 === 0 ? 'immediate' : 'fast'
    events.splice(1 + draw.int(events.length - 1), 0, { mode, seconds })
  }
  return events
}

async function stopFor(
  postgres: OwnPostgres | null,
  { mode, seconds }: Exclude<Event, 'kill'>,
): Promise<void> {
  await postgres?.stop(mode)
  await sleep(seconds * 1_000)
  await postgres?.start()
}

async function untilSettled({ client }: RagstoneProcess, storeId: string): Promise<void> {
  const until = performance.now() + SETTLED_SECONDS * 1_000
  for (;;) {
    const { file_counts: counts } = await client.vectorStores.retrieve(storeId)
    if (counts.in_progress === 0) return
    if (performance.now() > until) throw new Error(`Stuck: ${JSON.stringify(counts)}`)
    await sleep(250)
  }
}

/** What died of what has passed is begun anew, as an operator would. */
async function replayPassing(server: RagstoneProcess): Promise<number> {
  let replayed = 0
  for (const code of ['provider_unavailable', 'rate_limited', 'worker_lost'])
    replayed += (await post<{ replayed: number }>(server, '/api/jobs/replay', { error_code: code }))
      .replayed
  return replayed
}

async function deleteOthers(
  { client }: RagstoneProcess,
  known: ReadonlyMap<string, unknown>,
): Promise<number> {
  const others: string[] = []
  for await (const { id } of client.files.list({ limit: 100 })) if (!known.has(id)) others.push(id)
  for (const id of others) await client.files.delete(id)
  return others.length
}

interface BlobReport {
  readonly damaged: number
  readonly missing: number
  readonly orphans: number
  readonly strays: number
  readonly removed: number
  readonly findings: readonly object[]
}

/** As if a day had passed: what is young is spared. */
async function sweep(
  server: RagstoneProcess,
  folder: string,
): Promise<{ readonly swept: number; readonly faults: readonly object[] }> {
  const then = new Date(Date.now() - 2 * DAY_MS)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), then, then)
  const check = (repair: boolean) =>
    post<BlobReport>(server, '/api/blobs/check', { repair, verify: true })
  const { removed } = await check(true)
  const { findings } = await check(false)
  return { swept: removed, faults: findings }
}

async function post<Answer>(server: RagstoneProcess, path: string, body: object): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Answer
}
