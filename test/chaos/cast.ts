import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { startWorkerProcess, type WorkerProcess } from '../worker-process.ts'

/** One process that is started again whenever it ends, as a service manager would. */
export interface Actor {
  readonly name: string
  /** Ends it at once; resolves when it is gone, and another is being started. */
  kill(): Promise<void>
  /** Resolves when it is up. */
  up(): Promise<void>
  stop(): Promise<void>
}

export interface Cast {
  readonly actors: readonly Actor[]
  /** The one that runs now, as soon as there is one. */
  server(): Promise<RagstoneProcess>
  stop(): Promise<void>
}

const RESTART_MS = 300
const SCOPES = ['admin', 'ask', 'ingest', 'operator', 'read']

/** A server over the directory and, where there is a database for them, workers whose own directories share its files. */
export async function startCast(options: {
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly workers: number
}): Promise<Cast> {
  const environment = {
    ...options.environment,
    RAGSTONE_SERVER_LOG_LEVEL: 'fatal',
    RAGSTONE_BLOBS_DIRECTORY: join(options.directory, 'blobs'),
  }
  const { directory } = options
  const first = await startRagstone({ dataDirectory: directory, environment, scopes: SCOPES })
  const { key } = first
  const server = createActor('server', Promise.resolve(first), () =>
    startRagstone({ dataDirectory: directory, environment, key }),
  )
  const workers = Array.from({ length: options.workers }, async (_, at) => {
    const own = await mkdtemp(join(tmpdir(), 'ragstone-chaos-worker-'))
    const start = () => startAlive({ ...environment, RAGSTONE_DATA_DIRECTORY: own })
    const { actor } = createActor(`worker ${at + 1}`, start(), start)
    await actor.up()
    return {
      ...actor,
      async stop() {
        await actor.stop()
        await rm(own, { recursive: true, force: true })
      },
    }
  })
  const actors = [server.actor, ...(await Promise.all(workers))]
  return {
    actors,
    server: () => server.current(),
    async stop() {
      for (const actor of actors.toReversed()) await actor.stop()
    },
  }
}

interface Killable {
  kill(): Promise<void>
  stop(): Promise<unknown>
}

function createActor<Process extends Killable>(
  name: string,
  first: Promise<Process>,
  start: () => Promise<Process>,
): { readonly actor: Actor; readonly current: () => Promise<Process> } {
  let running = first
  return {
    current: () => running,
    actor: {
      name,
      async kill() {
        const process = await running
        await process.kill()
        running = again(start)
      },
      async up() {
        await running
      },
      async stop() {
        await (await running).stop()
      },
    },
  }
}

const MOST_STARTS = 100

/** While the database is away, a start fails. */
async function again<Process>(start: () => Promise<Process>): Promise<Process> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      if (attempt === MOST_STARTS) throw error
      await sleep(RESTART_MS)
    }
  }
}

async function startAlive(environment: Readonly<Record<string, string>>): Promise<WorkerProcess> {
  const worker = await startWorkerProcess(environment)
  const early = await Promise.race([worker.ended, sleep(50)])
  if (early !== undefined) throw new Error(`The worker ended with ${early.code}.`)
  return worker
}
