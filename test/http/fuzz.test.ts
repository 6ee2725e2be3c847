import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'
import { runFuzz, type FuzzReport } from './fuzz/run-fuzz.ts'

// RAGSTONE_FUZZ_REQUESTS=20000 is the full run; RAGSTONE_FUZZ_SEED makes the same requests again, and RAGSTONE_FUZZ_ONLY
// one of them alone.
const REQUESTS = Number(process.env['RAGSTONE_FUZZ_REQUESTS'] ?? 2_000)
const SEED = Number(process.env['RAGSTONE_FUZZ_SEED'] ?? 20_261_121)
const ONLY = process.env['RAGSTONE_FUZZ_ONLY']
const PRELOAD = new URL('./fuzz/report-heap.ts', import.meta.url).href

let server: RagstoneProcess
let report: FuzzReport

beforeAll(async () => {
  server = await startRagstone({
    scopes: ['admin', 'ask', 'ingest', 'operator', 'read'],
    environment: {
      NODE_OPTIONS: `--import=${PRELOAD}`,
      RAGSTONE_SERVER_LOG_LEVEL: 'error',
      RAGSTONE_SERVER_TRUSTED_PROXIES: '127.0.0.1',
      RAGSTONE_LIMITS_ADDRESS_STRANGER_REQUESTS_PER_MINUTE: '1000000',
    },
  })
  const range =
    ONLY === undefined ? { from: 0, to: REQUESTS } : { from: Number(ONLY), to: Number(ONLY) + 1 }
  report = await runFuzz(server, { seed: SEED, ...range })
}, 3_600_000)
afterAll(() => server.stop())

test(`${REQUESTS} odd requests (seed ${SEED}) are answered as the document says`, () => {
  expect(report.faults).toEqual([])
})

test.skipIf(ONLY !== undefined)('they went everywhere, and through the door', () => {
  expect(report.neverAnswered).toEqual([])
  expect(report.accepted / report.sent).toBeGreaterThan(0.1)
})

test('the server is well after them, and its log holds no error', async () => {
  const errors = server
    .log()
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"/.test(line))

  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  expect(errors.filter((line) => !line.includes('"code":"overloaded"'))).toEqual([])
})

test.skipIf(ONLY !== undefined)('its memory does not grow with them', () => {
  const { third, end } = report.memory

  expect(third).toBeGreaterThan(1_000_000)
  // What is cached has its bounds, and they are not reached at once.
  expect(end).toBeLessThan(third * 1.5 + 50_000_000)
})
