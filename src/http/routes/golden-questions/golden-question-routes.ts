import { checkQuestion } from '../../../answer/guard/check-question.ts'
import {
  goldenQuestionDeleted,
  goldenQuestionList,
  goldenQuestionListQuery,
  goldenQuestionParams,
  goldenQuestionsAdd,
  goldenQuestionsAdded,
  type GoldenQuestionsAdd,
} from '../../../contract/golden-question.ts'
import { vectorStoreParams } from '../../../contract/vector-store.ts'
import type { NewGoldenQuestion } from '../../../core/ports/golden-questions.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { findStore } from '../vector-stores/find-store.ts'
import { wireGoldenQuestion } from './wire-golden-question.ts'

const TAGS = ['Golden questions']
const ALL = '/api/vector_stores/:vector_store_id/golden_questions'
const LONGEST = 8_000

export function goldenQuestionRoutes(app: Routes, deps: RouteDeps): void {
  const { database, goldenQuestions } = deps

  app.post(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'Add golden questions to a vector store',
        description:
          'All of them or none. A question that the store has already is not added again: what is expected is replaced, and its id stays. A store keeps at most 1,000. Whether a file that is named is there is not looked at.',
        params: vectorStoreParams,
        body: goldenQuestionsAdd,
        response: { 200: goldenQuestionsAdded },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params, body, audited }) => {
      const given = body.questions.map(readGoldenQuestion)
      return database.transact(principal.tenantId, async (within) => {
        const put = await goldenQuestions.put(within, params.vector_store_id, given)
        if (put === null) throw notFound('vector store', params.vector_store_id)
        const { kept, added } = put
        const replaced = kept.length - added
        Object.assign(audited.detail, { added, replaced })
        return { object: 'list' as const, data: kept.map(wireGoldenQuestion), added, replaced }
      })
    },
  )

  app.get(
    ALL,
    {
      schema: {
        tags: TAGS,
        summary: 'List the golden questions of a vector store',
        params: vectorStoreParams,
        querystring: goldenQuestionListQuery,
        response: { 200: goldenQuestionList },
      },
      config: { scope: 'read' },
    },
    async ({ principal, params, query }) => {
      const { id } = await findStore(deps, principal.tenantId, params.vector_store_id)
      const cursor = cursorOf(query, 20)
      const rows = await database.transact(principal.tenantId, (within) =>
        goldenQuestions.list(within, id, cursor),
      )
      return pageOfRows(rows, cursor.limit, wireGoldenQuestion)
    },
  )

  app.delete(
    `${ALL}/:golden_question_id`,
    {
      schema: {
        tags: TAGS,
        summary: 'Delete a golden question',
        params: goldenQuestionParams,
        response: { 200: goldenQuestionDeleted },
      },
      config: { scope: 'ingest' },
    },
    async ({ principal, params }) => {
      const { vector_store_id: storeId, golden_question_id: id } = params
      const gone = await database.transact(principal.tenantId, (within) =>
        goldenQuestions.delete(within, storeId, id),
      )
      if (!gone) throw notFound('golden question', id)
      return { id, object: 'vector_store.golden_question.deleted' as const, deleted: true }
    },
  )
}

/** As a search would ask it, so that none that cannot be asked is kept. Throws `input_rejected`. */
function readGoldenQuestion(
  { question, expected = [] }: GoldenQuestionsAdd['questions'][number],
  place: number,
): NewGoldenQuestion {
  const param = `questions[${place}].question`
  return {
    question: checkQuestion(question, { maxQuestionCharacters: LONGEST, param }),
    expected: expected.map(({ file, quote = null }) => ({ file, quote })),
  }
}
