import type { ResponseObject } from '../../../contract/response.ts'
import type { Transaction } from '../../../core/ports/database.ts'
import type { HttpDeps } from '../../http-deps.ts'
import type { KeptResponse } from './kept-response.ts'
import type { PreparedResponse } from './prepare-response.ts'

type Write = (transaction: Transaction) => Promise<void>

/** Before the caller hears of the end, so that it can be continued from at once. With `store: false`, only the turn is added to its conversation. */
export async function storeResponse(
  deps: Pick<HttpDeps, 'answers' | 'conversations' | 'database'>,
  prepared: PreparedResponse,
  response: ResponseObject,
): Promise<void> {
  if (!response.store && !joins(response)) return
  const { tenantId } = prepared.question
  const insert = insertResponse(deps, prepared, response)
  if (!joins(response)) return deps.database.transact(tenantId, insert, { oneStatement: true })
  await deps.database.transact(tenantId, async (transaction) => {
    if (response.store) await insert(transaction)
    await joinConversation(deps, prepared, response)(transaction)
  })
}

export function insertResponse(
  { answers }: Pick<HttpDeps, 'answers'>,
  { createdAt, items }: PreparedResponse,
  response: KeptResponse,
): Write {
  const kept = structuredClone(response)
  return (transaction) =>
    answers.insertResponse(transaction, {
      id: kept.id,
      createdAt,
      previousResponseId: kept.previous_response_id,
      conversationId: kept.conversation?.id ?? null,
      input: items,
      response: kept,
    })
}

/** A conversation that was deleted meanwhile is not brought back. */
export function joinConversation(
  { conversations }: Pick<HttpDeps, 'conversations'>,
  { items }: PreparedResponse,
  response: ResponseObject,
): Write {
  const { conversation, output } = structuredClone(response)
  return async (transaction) => {
    if (!joins(response) || conversation === null) return
    await conversations.append(transaction, conversation.id, [...items, ...output])
  }
}

function joins({ conversation, status }: ResponseObject): boolean {
  return conversation !== null && (status === 'completed' || status === 'incomplete')
}
