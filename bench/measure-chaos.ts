// Documents of every kind while processes are killed, the database is stopped and the embedding service fails: what is left.
//   node bench/measure-chaos.ts [--documents 500] [--kills 30] [--seed N] [--backend pglite|postgres]
// PostgreSQL where RAGSTONE_TEST_POSTGRES_SHELL can start one. Writes bench/results/chaos-<backend>.json.
import { parseArgs } from 'node:util'
import { runChaos } from '../test/chaos/run-chaos.ts'
import { NO_OWN_POSTGRES } from '../test/own-postgres.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '500' },
    kills: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    backend: { type: 'string' },
  },
})
const seed = Number(options.seed)
/** Of the second one every worker has let go of its jobs. */
const STOPS = [2, 14]

for (const kind of ['pglite', 'postgres'] as const) {
  if (options.backend !== undefined && options.backend !== kind) continue
  if (kind === 'postgres' && NO_OWN_POSTGRES !== null) {
    process.stderr.write(`postgres is left out: ${NO_OWN_POSTGRES}\n`)
    continue
  }
  process.stderr.write(`${kind}, seed ${seed}\n`)
  const { documents, kills } = options
  const counts = { documents: Number(documents), kills: Number(kills) }
  const outcome = await runChaos({ kind, seed, ...counts, stops: STOPS })
  console.log(JSON.stringify(outcome, null, 2))
  await writeResults(`chaos/${kind}`, { backend: kind, seed, ...outcome })
}
