// What limits cost a warm request, and what one process bears with them, in process and in Valkey:
//   node bench/measure-limits.ts [--seconds 4] [--rounds 5]
// Valkey is the one in RAGSTONE_TEST_VALKEY_URL; without it that column is left out. Writes bench/results/limits.json.
import { parseArgs } from 'node:util'
import { startRagstone, type RagstoneProcess } from '../test/ragstone-process.ts'
import { VALKEY_URL } from '../test/valkey-server.ts'
import { round, summarise, timeCalls, type Timing } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
  },
})
const seconds = Number(options.seconds)
const rounds = Number(options.rounds)

export type Counting = 'in process' | 'in Valkey' | 'none'

/** One request after another: what each took, in milliseconds. */
export interface CostRow extends Omit<Timing, 'perSecond'> {
  readonly counting: Counting
  /** Medians over those without limits, in each round: how far apart they lie says how much of it is chance. */
  readonly ratios: readonly number[]
}

export interface ThroughputRow extends Timing {
  readonly counting: Counting
  readonly concurrency: number
}

// So wide that nothing is refused: what is measured is the counting.
const WIDE = '100000000'
const LIMITED = {
  RAGSTONE_LIMITS_ADDRESS_REQUESTS_PER_MINUTE: WIDE,
  RAGSTONE_LIMITS_KEY_REQUESTS_PER_MINUTE: WIDE,
}
const SERVERS: readonly (readonly [Counting, Readonly<Record<string, string>>])[] = [
  ['none', {}],
  ['in process', LIMITED],
  ...(VALKEY_URL === undefined
    ? []
    : [['in Valkey', { ...LIMITED, RAGSTONE_VALKEY_URL: VALKEY_URL }] as const]),
]
const CONCURRENCIES = [16, 64]
const PATH = '/v1/models'

const servers: (readonly [Counting, RagstoneProcess])[] = []
for (const [counting, environment] of SERVERS) {
  servers.push([
    counting,
    await startRagstone({ environment: { DATABASE_URL: '', ...environment } }),
  ])
}
try {
  for (const [, server] of servers) await timeCalls({ concurrency: 8, seconds: 2 }, ask(server))
  const costs = await measureCosts()
  console.log(JSON.stringify(costs, null, 2))
  const throughput = await measureThroughput()
  console.log(JSON.stringify(throughput, null, 2))
  await writeResults('limits', { path: PATH, rounds, costs, throughput })
} finally {
  for (const [, server] of servers) await server.stop()
}

/** The servers take turns, so that whatever else the machine does meets them all. */
async function measureCosts(): Promise<CostRow[]> {
  const taken = new Map<Counting, number[][]>(SERVERS.map(([counting]) => [counting, []]))
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const [counting, server] of servers) {
      const call = ask(server)
      const times: number[] = []
      await timeCalls({ concurrency: 1, seconds: seconds / 2 }, async () => {
        const began = performance.now()
        await call()
        times.push(performance.now() - began)
      })
      taken.get(counting)?.push(times)
    }
  }
  const bare = taken.get('none') ?? []
  return SERVERS.map(([counting]) => {
    const runs = taken.get(counting) ?? []
    const ratios = runs.map((times, turn) =>
      round(summarise(times).p50 / summarise(bare[turn] ?? []).p50),
    )
    return { counting, ratios, ...summarise(runs.flat()) }
  })
}

async function measureThroughput(): Promise<ThroughputRow[]> {
  const rows: ThroughputRow[] = []
  for (const concurrency of CONCURRENCIES) {
    for (const [counting, server] of servers) {
      const timing = await timeCalls({ concurrency, seconds }, ask(server))
      rows.push({ counting, concurrency, ...timing })
    }
  }
  return rows
}

function ask({ url, key }: RagstoneProcess): () => Promise<void> {
  const headers = { authorization: `Bearer ${key}` }
  return async () => {
    const response = await fetch(`${url}${PATH}`, { headers })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`${response.status} where nothing is to be refused`)
  }
}
