// The plan of one hybrid search on a database that measure-search.ts filled:
//   node bench/explain-search.ts postgres|pglite CHUNKS TENANTS [large|small] [question]
import { createDatabase } from '../src/storage/database.ts'
import { searchStatement } from '../src/storage/search-statement.ts'
import { spaceTable } from '../src/storage/space-table.ts'
import { openFilledDatabase } from './corpus/fill-database.ts'
import { readRealCorpus } from './corpus/passages.ts'

const [kind = 'postgres', chunks = '10000', tenants = '1', asked = 'large', place = '0'] =
  process.argv.slice(2)
if (kind !== 'pglite' && kind !== 'postgres') throw new Error('Name pglite or postgres.')
const real = await readRealCorpus()
const size = { chunks: Number(chunks), tenants: Number(tenants) }
const filled = await openFilledDatabase(real, { kind, ...size, maxConnections: 1 })
const { backend } = filled
try {
  const tenant = filled.tenants[asked === 'small' ? 1 : 0]
  const question = real.questions[Number(place)]
  if (tenant === undefined || question === undefined) throw new Error('There is no such tenant.')
  const statement = searchStatement(
    tenant.id,
    {
      vectorStoreIds: [tenant.storeId],
      filter: null,
      text: question.text,
      model: real.model,
      vector: question.vector,
      candidates: 100,
    },
    { vectors: spaceTable(filled.space), place: null },
  )
  if (statement === null) throw new Error('Nothing is searched for.')
  await createDatabase(backend).transact(tenant.id, async (transaction) => {
    await transaction.query(statement.text, statement.values)
    const plan = await transaction.query<{ 'QUERY PLAN': string }>(
      `explain (analyze, buffers, verbose off) ${statement.text}`,
      statement.values,
    )
    console.log(plan.map((row) => row['QUERY PLAN']).join('\n'))
  })
} finally {
  await backend.close()
}
