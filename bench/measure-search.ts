// Hybrid search at several sizes on both backends, the question's embedding apart:
//   node bench/measure-search.ts [--pglite 1000,10000,100000] [--postgres 10000,100000,1000000] [--tenants 1,1000]
//     [--seconds 6] [--prepare] [--no-recall]
// PostgreSQL is the one in RAGSTONE_TEST_DATABASE_URL. Filled databases are kept for the next run; --prepare only fills.
// Writes bench/results/search/*.json, one for each database.
import { parseArgs } from 'node:util'
import { retrieve } from '../src/answer/retrieve/retrieve.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../src/answer/settings.ts'
import { createChunkIndex } from '../src/storage/chunk-index.ts'
import { createDatabase } from '../src/storage/database.ts'
import type { Backend } from '../src/storage/backend.ts'
import { openFilledDatabase, type FilledDatabase } from './corpus/fill-database.ts'
import { SERVER_URL } from './corpus/open-database.ts'
import { readRealCorpus, type RealCorpus } from './corpus/passages.ts'
import { HOW_SYNTHESISED } from './corpus/synthesise.ts'
import type { BenchTenant } from './corpus/tenants.ts'
import { measureDenseRecall } from './dense-recall.ts'
import { timeCalls, type Timing } from './percentiles.ts'
import { writeResults } from './results.ts'
import { describeServer } from './server-description.ts'

const CANDIDATES = DEFAULT_RETRIEVAL_SETTINGS.candidates
const WHAT =
  'One search as the product makes it (role and tenant, both searches, their candidates with all they carry), from the call to the rows as objects. The questions are SciFact claims, embedded beforehand.'
const CONCURRENCIES = [1, 16]
const CONNECTIONS = { pglite: 8, postgres: 16 } as const

export interface SearchRow extends Timing {
  readonly backend: Backend['kind']
  readonly chunks: number
  readonly tenants: number
  /** Whose store is asked: the only tenant's, the one with a quarter of all chunks, one of the small ones. */
  readonly asked: 'large' | 'only' | 'small'
  readonly chunksAsked: number
  readonly concurrency: number
}

const { values: options } = parseArgs({
  options: {
    pglite: { type: 'string', default: '1000,10000,100000' },
    postgres: { type: 'string', default: SERVER_URL === undefined ? '' : '10000,100000,1000000' },
    tenants: { type: 'string', default: '1,1000' },
    seconds: { type: 'string', default: '6' },
    prepare: { type: 'boolean', default: false },
    'no-recall': { type: 'boolean', default: false },
  },
})
const real = await readRealCorpus()
const roundTrips = options.prepare ? 0 : await countRoundTrips()
for (const kind of ['pglite', 'postgres'] as const) {
  for (const chunks of numbers(options[kind])) {
    for (const tenants of numbers(options.tenants)) await measure(kind, { chunks, tenants })
  }
}

function numbers(list: string): number[] {
  return list.split(',').filter(Boolean).map(Number)
}

async function measure(
  kind: Backend['kind'],
  size: { readonly chunks: number; readonly tenants: number },
): Promise<void> {
  const filled = await openFilledDatabase(real, {
    kind,
    ...size,
    maxConnections: CONNECTIONS[kind],
  })
  const { backend } = filled
  try {
    if (options.prepare) return
    const rows: SearchRow[] = []
    for (const { asked, tenant } of whoIsAsked(filled.tenants)) {
      const search = createSearch(filled, tenant)
      await timeCalls({ concurrency: 1, seconds: 10, maxCalls: 100 }, search)
      for (const concurrency of CONCURRENCIES) {
        const timing = await timeCalls({ concurrency, seconds: Number(options.seconds) }, search)
        const chunksAsked = tenant.chunks
        rows.push({ backend: kind, ...size, asked, chunksAsked, concurrency, ...timing })
        console.log(JSON.stringify(rows.at(-1)))
      }
    }
    const results = {
      method: {
        corpus: HOW_SYNTHESISED,
        realPassages: real.passages.length,
        questions: real.questions.length,
        candidates: CANDIDATES,
        roundTrips,
        what: WHAT,
      },
      server: { kind, ...(await describeServer(backend)) },
      rows,
    }
    // Written before comparing every vector with every question, which takes long.
    const name = `search/${kind}-${size.chunks}-${size.tenants}`
    await writeResults(name, { ...results, recall: null })
    if (size.tenants !== 1 || options['no-recall']) return
    const recall = await measureDenseRecall({ filled, real, chunks: size.chunks })
    console.log(JSON.stringify(recall))
    await writeResults(name, { ...results, recall })
  } finally {
    await backend.close()
  }
}

function whoIsAsked(tenants: readonly BenchTenant[]) {
  const [first, second] = tenants
  if (first === undefined) return []
  if (second === undefined) return [{ asked: 'only' as const, tenant: first }]
  return [
    { asked: 'large' as const, tenant: first },
    { asked: 'small' as const, tenant: second },
  ]
}

function createSearch({ backend, space }: FilledDatabase, tenant: BenchTenant) {
  const database = createDatabase(backend)
  const index = createChunkIndex({ space })
  return (place: number) => {
    const question = questionAt(real, place)
    return database.transact(
      tenant.id,
      (transaction) =>
        index.search(transaction, {
          vectorStoreIds: [tenant.storeId],
          filter: null,
          text: question.text,
          model: real.model,
          vector: question.vector,
          candidates: CANDIDATES,
        }),
      { oneStatement: true },
    )
  }
}

function questionAt({ questions }: RealCorpus, place: number) {
  const question = questions[place % questions.length]
  if (question === undefined) throw new Error('There are no questions.')
  return question
}

/** Messages to the database that one search takes. */
async function countRoundTrips(): Promise<number> {
  const size = { chunks: 100, tenants: 1, maxConnections: 2 }
  const filled = await openFilledDatabase(real, { kind: 'pglite', ...size })
  const { backend } = filled
  try {
    const [tenant] = filled.tenants
    let messages = 0
    const database = createDatabase(backend, { onQuery: () => (messages += 1) })
    const chunkIndex = createChunkIndex({ space: filled.space })
    const { text, vector } = questionAt(real, 0)
    const embedder = {
      id: '',
      dimensions: vector.length,
      maxTokens: 1,
      embed: async () => [vector],
    }
    await retrieve(
      { database, chunkIndex, embedder },
      {
        tenantId: tenant?.id ?? '',
        vectorStoreIds: [tenant?.storeId ?? ''],
        filter: null,
        text,
        dense: true,
        candidates: CANDIDATES,
      },
      new AbortController().signal,
    )
    return messages
  } finally {
    await backend.close()
  }
}
