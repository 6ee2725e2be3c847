// The two ways of the lexical search: scoring rows one by one, and walking the word index past rows that are not in scope.
//   node bench/measure-lexical-ways.ts [--pglite 1000,10000] [--postgres 10000,100000]
// Uses the databases that measure-search.ts filled, or fills them. Writes bench/results/lexical-ways.json.
import { parseArgs } from 'node:util'
import type pg from 'pg'
import { openFilledDatabase } from './corpus/fill-database.ts'
import { readRealCorpus } from './corpus/passages.ts'
import { percentile, round } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    pglite: { type: 'string', default: '1000,10000' },
    postgres: { type: 'string', default: '10000,100000' },
  },
})
const QUESTIONS = 40
const SCORED = 100

export interface LexicalWayRow {
  readonly backend: 'pglite' | 'postgres'
  readonly chunks: number
  /** Median over the questions, in microseconds, of one row scored by itself. */
  readonly scoredMicroseconds: number
  /** Median over the questions, in milliseconds: the index walked to its end, past all that match, none of them in scope. */
  readonly walkedMs: number
  /** The longest of them. */
  readonly longestWalkMs: number
}

const real = await readRealCorpus()
const questions = real.questions.slice(0, QUESTIONS).map(({ text }) => text)
const rows: LexicalWayRow[] = []
for (const backend of ['pglite', 'postgres'] as const) {
  for (const chunks of options[backend].split(',').filter(Boolean).map(Number)) {
    const filled = await openFilledDatabase(real, {
      kind: backend,
      chunks,
      tenants: 1,
      maxConnections: 1,
    })
    const client = await filled.backend.pool.connect()
    try {
      await client.query('set enable_seqscan = off; set jit = off')
      rows.push({ backend, chunks, ...(await measure(client)) })
      console.log(JSON.stringify(rows.at(-1)))
    } finally {
      client.release(true)
      await filled.backend.close()
    }
  }
}
await writeResults('lexical-ways', { questions: QUESTIONS, rows })

async function measure(client: pg.PoolClient): Promise<Omit<LexicalWayRow, 'backend' | 'chunks'>> {
  const found = await client.query<{ table: string }>(
    'select tableoid::regclass::text as table from chunks limit 1',
  )
  const table = found.rows[0]?.table ?? ''
  const score = `((context || e'\\n') || text) <@> to_bm25query($1, '${table}_bm25')`
  const scored = await timesOf(
    client,
    `select sum(score) from (select ${score} as score from (select * from ${table} limit ${SCORED}) as some_rows offset 0) as scored`,
  )
  const walked = await timesOf(
    client,
    `select id from ${table} where tenant_id || '' = 'nobody' order by ${score} limit 40`,
  )
  return {
    scoredMicroseconds: round((percentile(scored, 0.5) * 1_000) / SCORED),
    walkedMs: round(percentile(walked, 0.5)),
    longestWalkMs: round(Math.max(...walked)),
  }
}

/** Of each question the second time, in milliseconds. */
async function timesOf(client: pg.PoolClient, text: string): Promise<readonly number[]> {
  const taken: number[] = []
  for (const question of questions) {
    await client.query(text, [question])
    const began = performance.now()
    await client.query(text, [question])
    taken.push(performance.now() - began)
  }
  return taken
}
