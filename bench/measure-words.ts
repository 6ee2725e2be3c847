// What frequent words cost a search: the word index alone, on PostgreSQL, with the words of a question left out that more than
// a share of all chunks has.
//   node bench/measure-words.ts [--postgres 100000,1000000]
// Uses the databases that measure-search.ts filled, or fills them. Writes bench/results/words.json.
import { parseArgs } from 'node:util'
import type pg from 'pg'
import { openFilledDatabase } from './corpus/fill-database.ts'
import { readRealCorpus } from './corpus/passages.ts'
import { percentile, round } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: { postgres: { type: 'string', default: '100000,1000000' } },
})
const SHARES = [1, 0.3, 0.2, 0.1, 0.05]
const QUESTIONS = 100
/** Chunks whose words are counted to know how frequent each is. */
const SAMPLE = 4_000

export interface WordRow {
  readonly chunks: number
  /** Words in at least that share of all chunks are left out; 1 leaves out none. */
  readonly below: number
  /** Of a question, on average. */
  readonly words: number
  readonly p50: number
  readonly p95: number
}

const real = await readRealCorpus()
const questions = real.questions.slice(0, QUESTIONS).map(({ text }) => text)
const rows: WordRow[] = []
for (const chunks of options.postgres.split(',').map(Number)) {
  const filled = await openFilledDatabase(real, {
    kind: 'postgres',
    chunks,
    tenants: 1,
    maxConnections: 1,
  })
  const client = await filled.backend.pool.connect()
  try {
    await client.query('set enable_seqscan = off; set jit = off')
    for (const below of SHARES) rows.push(await measure(client, { chunks, below }))
  } finally {
    client.release(true)
    await filled.backend.close()
  }
}
await writeResults('words', { questions: QUESTIONS, rows })

async function measure(
  client: pg.PoolClient,
  of: { readonly chunks: number; readonly below: number },
): Promise<WordRow> {
  const table = await partitionOf(client)
  const shares = await readShares(client, table)
  const taken: number[] = []
  let words = 0
  for (const question of questions) {
    const kept: string[] = []
    for (const word of question.split(/\s+/)) {
      const lexemes = await lexemesOf(client, word)
      if (lexemes.length === 0 || lexemes.some((lexeme) => (shares.get(lexeme) ?? 0) >= of.below))
        continue
      kept.push(word)
      words += lexemes.length
    }
    const text = kept.length === 0 ? question : kept.join(' ')
    const search = () =>
      client.query({
        name: `words_${table}`,
        text: `select id from ${table}
          order by ((context || e'\\n') || text) <@> to_bm25query($1, '${table}_bm25') limit 40`,
        values: [text],
      })
    await search()
    const began = performance.now()
    await search()
    taken.push(performance.now() - began)
  }
  const row = {
    ...of,
    words: round(words / questions.length),
    p50: round(percentile(taken, 0.5)),
    p95: round(percentile(taken, 0.95)),
  }
  console.log(JSON.stringify(row))
  return row
}

/** The one with the only tenant's chunks. */
async function partitionOf(client: pg.PoolClient): Promise<string> {
  const { rows: found } = await client.query<{ name: string }>(
    'select tableoid::regclass::text as name from chunks limit 1',
  )
  return found[0]?.name ?? 'chunks_0'
}

async function readShares(client: pg.PoolClient, table: string): Promise<Map<string, number>> {
  const { rows: counted } = await client.query<{ word: string; ndoc: number }>(
    `select word, ndoc from ts_stat($$ select to_tsvector('english', text) from ${table} limit ${SAMPLE} $$)`,
  )
  return new Map(counted.map(({ word, ndoc }) => [word, ndoc / SAMPLE]))
}

async function lexemesOf(client: pg.PoolClient, word: string): Promise<readonly string[]> {
  const { rows: found } = await client.query<{ lexeme: string }>(
    `select lexeme from unnest(to_tsvector('english', $1))`,
    [word],
  )
  return found.map(({ lexeme }) => lexeme)
}
