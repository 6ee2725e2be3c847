import { expect, test } from 'vitest'
import { runChaos } from '../chaos/run-chaos.ts'
import { isChosen } from '../chosen-backends.ts'
import { NO_OWN_POSTGRES } from '../own-postgres.ts'

// RAGSTONE_TEST_CHAOS=500/30/2 is the whole of it: documents, kills, stops of the database.
const [documents = 60, kills = 6, stops = 1] = (process.env['RAGSTONE_TEST_CHAOS'] ?? '60/6/1')
  .split('/')
  .map(Number)
const seed = Number(process.env['RAGSTONE_TEST_CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const STOP_SECONDS = [2, 14]

for (const kind of ['pglite', 'postgres'] as const) {
  const absent = kind === 'postgres' ? NO_OWN_POSTGRES : null
  const title = `on ${kind}, ${documents} documents, ${kills} kills (RAGSTONE_TEST_CHAOS_SEED=${seed}): each is indexed once or dead for the true reason`
  test.skipIf(absent !== null || !isChosen(kind))(
    absent === null ? title : `${title}: ${absent}`,
    { timeout: 1_800_000 },
    async () => {
      const outcome = await runChaos({
        kind,
        seed,
        documents,
        kills,
        stops: STOP_SECONDS.slice(0, stops),
      })
      process.stderr.write(`${JSON.stringify(outcome)}\n`)

      expect(outcome.faults).toEqual([])
      expect(outcome.indexed).toBeGreaterThan(documents / 2)
      expect(Object.values(outcome.kills).reduce((sum, each) => sum + each, 0)).toBe(kills)
    },
  )
}
