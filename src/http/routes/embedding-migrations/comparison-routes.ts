import {
  comparisonRequest,
  spaceComparison,
  type ComparisonRequest,
} from '../../../contract/embedding-migration.ts'
import type { ComparedQuestion } from '../../../eval/compare-spaces.ts'
import { askedBy } from '../../asked-by.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { withCall } from '../../with-call.ts'
import { wireComparison } from './wire-migration.ts'

export function comparisonRoutes(app: Routes, deps: RouteDeps): void {
  const { database, embeddings, vectorStores } = deps

  const storeIdsOf = async (tenantId: string): Promise<readonly string[]> => {
    const page = { after: null, before: null, order: 'desc', limit: MOST_STORES } as const
    const rows = await database.transact(tenantId, (within) => vectorStores.list(within, page))
    return rows.slice(0, MOST_STORES).map(({ id }) => id)
  }

  app.post(
    '/api/embeddings/compare',
    {
      schema: {
        tags: ['Embedding models'],
        summary: 'Compare what both models find',
        description:
          'The same questions, asked of your tenant with the search as it is configured: from when a migration is ready until the old vectors are deleted. Without questions, the golden questions of your vector stores, each in its own store; where there are none, the hundred latest different questions that were asked. Of more than 1,000 golden questions 1,000 are asked: as many of each store as of any other, the newest first. Where it is said what is expected, recall and nDCG; always, how much of the results both have.',
        body: comparisonRequest,
        response: { 200: spaceComparison },
      },
      config: { scope: 'operator', audit: 'embeddings.compare', failures: [402, 409] },
    },
    async (request, reply) => {
      const asked = askedBy(request)
      const { questions } = request.body
      const all = questions === undefined ? [] : await storeIdsOf(asked.tenantId)
      const given = questions?.map((each) => readQuestion(each, all)) ?? null
      return wireComparison(
        await withCall(deps.calls, reply, (signal) => embeddings.compare(asked, given, signal)),
      )
    },
  )
}

const MOST_STORES = 100

function readQuestion(
  {
    question,
    vector_store_ids: named,
    expected = [],
  }: NonNullable<ComparisonRequest['questions']>[number],
  all: readonly string[],
): ComparedQuestion {
  return {
    question,
    vectorStoreIds: named ?? all,
    expected: expected.map(({ file, quote = null }) => ({ file, quote })),
  }
}
