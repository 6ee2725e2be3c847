import { createHash } from 'node:crypto'
import { AppError } from '../core/errors.ts'
import {
  MOST_GOLDEN_QUESTIONS,
  type Expectation,
  type GoldenQuestion,
} from '../core/golden-question.ts'
import { createId } from '../core/id.ts'
import type { Transaction } from '../core/ports/database.ts'
import type { GoldenQuestions } from '../core/ports/golden-questions.ts'
import { selectPage } from './page-sql.ts'
import { storableJson } from './storable-json.ts'

export function createGoldenQuestions(): GoldenQuestions {
  return {
    async put(transaction, vectorStoreId, given) {
      const { tenantId } = transaction
      // Whoever adds to a store takes turns here, so that two cannot pass the bound together.
      const store = await transaction.query(
        'select from vector_stores where tenant_id = $1 and id = $2 for no key update',
        [tenantId, vectorStoreId],
      )
      if (store.length === 0) return null
      const items = new Map(
        given.map(({ question, expected }) => {
          const sha256 = createHash('sha256').update(question).digest('hex')
          return [sha256, { id: createId('gq_'), sha256, question, expected }]
        }),
      )
      // A microsecond apart, which is what keeps them in their order.
      const rows = await transaction.query<GoldenQuestionRow>(
        `insert into golden_questions
           (tenant_id, id, vector_store_id, question, question_sha256, expected, created_at, updated_at)
         select $1, id, $2, question, sha256, expected, at, at from (
           select item.*, now() + ordinality * interval '1 microsecond' as at
           from rows from (jsonb_to_recordset($3::jsonb) as (id text, question text, sha256 text, expected jsonb))
             with ordinality as item (id, question, sha256, expected, ordinality)) as given
         on conflict (tenant_id, vector_store_id, question_sha256) do update
           set expected = excluded.expected, updated_at = excluded.updated_at
         returning *`,
        [tenantId, vectorStoreId, storableJson([...items.values()])],
      )
      await insistOnRoom(transaction, vectorStoreId)
      const byHash = new Map(rows.map((row) => [row.question_sha256, row]))
      const kept = [...items.keys()].flatMap((sha256) => byHash.get(sha256) ?? [])
      return {
        kept: kept.map(toGoldenQuestion),
        added: kept.filter((row) => items.get(row.question_sha256)?.id === row.id).length,
      }
    },

    async list(transaction, vectorStoreId, cursor) {
      const source = {
        select: 'select entry.* from golden_questions as entry',
        table: 'golden_questions',
        id: 'id',
        within: { tenant_id: transaction.tenantId, vector_store_id: vectorStoreId },
        only: {},
      }
      const rows = await selectPage<GoldenQuestionRow>(transaction, source, cursor)
      return rows.map(toGoldenQuestion)
    },

    async delete(transaction, vectorStoreId, id) {
      const rows = await transaction.query(
        `delete from golden_questions where tenant_id = $1 and vector_store_id = $2 and id = $3 returning id`,
        [transaction.tenantId, vectorStoreId, id],
      )
      return rows.length > 0
    },

    async spread(transaction, limit) {
      const rows = await transaction.query<GoldenQuestionRow & { readonly total: number }>(
        `select * from (
           select *, count(*) over ()::integer as total,
             row_number() over (partition by vector_store_id order by created_at desc, id desc) as place
           from golden_questions where tenant_id = $1) as entry
         order by place, vector_store_id limit $2`,
        [transaction.tenantId, limit],
      )
      return { questions: rows.map(toGoldenQuestion), total: rows[0]?.total ?? 0 }
    },
  }
}

async function insistOnRoom(transaction: Transaction, vectorStoreId: string): Promise<void> {
  const [row] = await transaction.query<{ held: number }>(
    'select count(*)::integer as held from golden_questions where tenant_id = $1 and vector_store_id = $2',
    [transaction.tenantId, vectorStoreId],
  )
  const held = row?.held ?? 0
  if (held <= MOST_GOLDEN_QUESTIONS) return
  throw new AppError(
    'limit_reached',
    `A vector store keeps at most ${MOST_GOLDEN_QUESTIONS} golden questions, and this one would have ${held}. Delete some of them first.`,
    { param: 'questions' },
  )
}

interface GoldenQuestionRow {
  readonly id: string
  readonly vector_store_id: string
  readonly question: string
  readonly question_sha256: string
  readonly expected: readonly Expectation[]
  readonly created_at: Date
  readonly updated_at: Date
}

function toGoldenQuestion(row: GoldenQuestionRow): GoldenQuestion {
  return {
    id: row.id,
    vectorStoreId: row.vector_store_id,
    question: row.question,
    expected: row.expected.map(({ file, quote }) => ({ file, quote })),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
