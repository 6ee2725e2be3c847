import type { InputItem, ResponseObject } from '../../../contract/response.ts'
import type { ResponseRecord } from '../../../core/ports/answers.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { notFound } from '../../not-found.ts'
import { RequestError } from '../../request-error.ts'
import type { Earlier } from './read-earlier.ts'
import { saidOf } from './read-input.ts'
import type { Said } from './said.ts'

const DEFAULT_RESPONSES = 50

/**
 * What was said before, oldest first. Earlier instructions are not carried over, as with OpenAI.
 * Throws where there is no such response.
 */
export async function earlierTurns(
  deps: Pick<HttpDeps, 'answers' | 'conversations' | 'database' | 'settings'>,
  tenantId: string,
  { previousResponseId, conversationId }: Earlier,
): Promise<readonly Said[]> {
  if (conversationId !== null) return saidInConversation(deps, tenantId, conversationId)
  if (previousResponseId === null) return []
  const { database, answers, settings } = deps
  const limit = settings.historyResponses ?? DEFAULT_RESPONSES
  const records = await database.transact(tenantId, (transaction) =>
    answers.history(transaction, previousResponseId, limit),
  )
  if (records.length === 0) {
    throw new RequestError(
      'previous_response_not_found',
      `Previous response with id '${previousResponseId.slice(0, 100)}' not found.`,
      { param: 'previous_response_id' },
    )
  }
  return records.flatMap(saidInRecord)
}

/** A search, a question and an answer, and room for what was added by hand. */
const ITEMS_PER_RESPONSE = 4

async function saidInConversation(
  { database, conversations, settings }: Pick<HttpDeps, 'conversations' | 'database' | 'settings'>,
  tenantId: string,
  id: string,
): Promise<readonly Said[]> {
  const limit = (settings.historyResponses ?? DEFAULT_RESPONSES) * ITEMS_PER_RESPONSE
  const newest = await database.transact(tenantId, async (transaction) => {
    const known = await conversations.get(transaction, id)
    if (known === null) throw notFound('conversation', id, 'conversation')
    return conversations.listItems(transaction, id, {
      after: null,
      before: null,
      limit,
      order: 'desc',
    })
  })
  // Stored by the routes of conversations or with a response, so of these shapes.
  const items = newest.slice(0, limit).toReversed() as unknown as readonly InputItem[]
  return items.flatMap((item) => saidOf(item, { text: 'input', item: 'conversation' }))
}

/** Stored by `storeResponse`, so of these shapes. */
function saidInRecord({ input, response }: ResponseRecord): readonly Said[] {
  const { output } = response as ResponseObject
  const param = { text: 'input', item: 'previous_response_id' }
  return [...(input as readonly InputItem[]), ...output].flatMap((item) => saidOf(item, param))
}
