import type { Answers, ResponseRecord } from '../core/ports/answers.ts'
import type { AnswerTrace } from '../core/trace.ts'
import { storableJson } from './storable-json.ts'

const COLUMNS = 'id, created_at, previous_response_id, conversation_id, input, response'

// What was cited is found again by its place in the document.
const INSERT_TRACE = `
  with traced as (
    insert into answer_traces (tenant_id, answer_id, created_at, trace) values ($1, $2, $3, $4::jsonb))
  insert into answer_citations (tenant_id, answer_id, place, vector_store_id, file_id, start_byte, end_byte, quote, created_at)
  select $1, $2, place, citation ->> 'vectorStoreId', citation ->> 'fileId', (citation ->> 'start')::bigint,
    (citation ->> 'end')::bigint, citation ->> 'quote', $3
  from jsonb_array_elements($5::jsonb) with ordinality as cited (citation, place)`

export function createAnswers(): Answers {
  return {
    async insertResponse(transaction, response) {
      await transaction.query(
        `insert into responses (tenant_id, ${COLUMNS}) values ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb)`,
        [
          transaction.tenantId,
          response.id,
          response.createdAt,
          response.previousResponseId,
          response.conversationId,
          storableJson(response.input),
          storableJson(response.response),
        ],
      )
    },

    async replaceRunning(transaction, response) {
      const rows = await transaction.query(
        `update responses set response = $3::jsonb
         where tenant_id = $1 and id = $2 and response ->> 'status' in ('queued', 'in_progress')
         returning id`,
        [transaction.tenantId, response.id, storableJson(response)],
      )
      return rows.length > 0
    },

    async getResponse(transaction, id) {
      const [row] = await transaction.query<ResponseRow>(
        `select ${COLUMNS} from responses where tenant_id = $1 and id = $2`,
        [transaction.tenantId, id],
      )
      return row === undefined ? null : toResponse(row)
    },

    async history(transaction, id, limit) {
      const rows = await transaction.query<ResponseRow>(
        `with recursive turns as (
           select ${COLUMNS}, 1 as depth from responses where tenant_id = $1 and id = $2 and $3::integer > 0
           union all
           select ${COLUMNS.replaceAll(/\w+/g, 'earlier.$&')}, depth + 1
           from turns join responses as earlier on earlier.tenant_id = $1 and earlier.id = turns.previous_response_id
           where depth < $3::integer)
         select ${COLUMNS} from turns order by depth desc`,
        [transaction.tenantId, id, limit],
      )
      return rows.map(toResponse)
    },

    async deleteResponse(transaction, id) {
      const rows = await transaction.query(
        'delete from responses where tenant_id = $1 and id = $2 returning id',
        [transaction.tenantId, id],
      )
      return rows.length > 0
    },

    async insertTrace(transaction, { citations = [], ...trace }) {
      transaction.last(INSERT_TRACE, [
        transaction.tenantId,
        trace.answerId,
        trace.createdAt,
        storableJson(trace),
        storableJson(citations),
      ])
    },

    async getTrace(transaction, answerId) {
      const [row] = await transaction.query<{ trace: StoredTrace }>(
        'select trace from answer_traces where tenant_id = $1 and answer_id = $2',
        [transaction.tenantId, answerId],
      )
      return row === undefined ? null : { ...row.trace, createdAt: new Date(row.trace.createdAt) }
    },
  }
}

/** Dates become text in JSON. */
type StoredTrace = Omit<AnswerTrace, 'createdAt'> & { readonly createdAt: string }

interface ResponseRow {
  readonly id: string
  readonly created_at: Date
  readonly previous_response_id: string | null
  readonly conversation_id: string | null
  readonly input: readonly unknown[]
  readonly response: object
}

function toResponse(row: ResponseRow): ResponseRecord {
  return {
    id: row.id,
    createdAt: row.created_at,
    previousResponseId: row.previous_response_id,
    conversationId: row.conversation_id,
    input: row.input,
    response: row.response,
  }
}
