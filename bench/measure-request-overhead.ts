// What knowing who asks, how often, and what it may cost adds to a warm question, and how many round trips it takes:
//   node bench/measure-request-overhead.ts [--seconds 4] [--rounds 10]
// One process on one database, the embedded one and, where RAGSTONE_TEST_DATABASE_URL names it, PostgreSQL 18. Its model
// answers at once. Writes bench/results/request-overhead.json.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { BACKENDS } from '../test/storage/backends.ts'
import type { Layer, LayeredApp } from './overhead-server.ts'
import { round, summarise, timeCalls, type Timing } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '10' },
  },
})
const seconds = Number(options.seconds)
const rounds = Number(options.rounds)

export interface OverheadRow extends Omit<Timing, 'perSecond'> {
  readonly database: (typeof BACKENDS)[number]
  /** With all the layers before it. */
  readonly layer: Layer
  readonly roundTrips: number
  /** Its median less that of the bare application, in each round: how far apart they lie says how much is chance. */
  readonly added: readonly number[]
}

const SERVER = new URL('overhead-server.ts', import.meta.url)
const QUESTION = {
  model: 'large',
  input: 'How long is the notice period of the lease?',
  max_output_tokens: 50,
  store: false,
}

const rows: OverheadRow[] = []
for (const database of BACKENDS) rows.push(...(await measure(database)))
console.log(JSON.stringify(rows, null, 2))
await writeResults('request-overhead', { rounds, rows })

async function measure(database: OverheadRow['database']): Promise<OverheadRow[]> {
  const server = fork(SERVER, [database], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  try {
    const [apps] = (await once(server, 'message')) as [readonly LayeredApp[]]
    for (const app of apps) await timeCalls({ concurrency: 1, seconds: 1 }, ask(app))
    const roundTrips = new Map<Layer, number>()
    for (const app of apps) roundTrips.set(app.layer, await countRoundTrips(server, ask(app)))
    const taken = await takeTurns(apps)
    const bare = taken.get('bare') ?? []
    return [...taken].map(([layer, runs]) => ({
      database,
      layer,
      roundTrips: roundTrips.get(layer) ?? Number.NaN,
      added: runs.map((times, turn) => round(median(times) - median(bare[turn] ?? []))),
      ...summarise(runs.flat()),
    }))
  } finally {
    server.disconnect()
    await once(server, 'exit')
  }
}

/** The applications take turns, a question each, so that whatever else the machine does meets them all. */
async function takeTurns(
  apps: readonly LayeredApp[],
): Promise<ReadonlyMap<Layer, readonly (readonly number[])[]>> {
  const taken = new Map<Layer, number[][]>(apps.map(({ layer }) => [layer, []]))
  for (let turn = 0; turn < rounds; turn += 1) {
    const calls = apps.map((app) => ({ times: [] as number[], layer: app.layer, call: ask(app) }))
    await timeCalls({ concurrency: 1, seconds }, async () => {
      for (const { times, call } of calls) {
        const began = performance.now()
        await call()
        times.push(performance.now() - began)
      }
    })
    for (const { times, layer } of calls) taken.get(layer)?.push(times)
  }
  return taken
}

/** The fewest of several: every five seconds one of them looks the key and the tenant up again. */
async function countRoundTrips(server: ChildProcess, call: () => Promise<void>): Promise<number> {
  const look = async () => {
    server.send('count')
    return Number((await once(server, 'message'))[0])
  }
  const counted: number[] = []
  for (let time = 0; time < 5; time += 1) {
    const before = await look()
    await call()
    counted.push((await look()) - before)
  }
  return Math.min(...counted)
}

function ask({ url, key }: LayeredApp): () => Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const body = JSON.stringify(QUESTION)
  return async () => {
    const response = await fetch(`${url}/v1/responses`, { method: 'POST', headers, body })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`${response.status} where nothing is to be refused`)
  }
}

function median(times: readonly number[]): number {
  return summarise(times).p50
}
