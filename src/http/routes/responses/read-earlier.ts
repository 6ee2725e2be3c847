import type { ResponseRequest } from '../../../contract/response-request.ts'
import { RequestError } from '../../request-error.ts'

/** What a response goes on from: the one, the other or neither. */
export interface Earlier {
  readonly previousResponseId: string | null
  readonly conversationId: string | null
}

/** Throws for both at once, as OpenAI does. */
export function readEarlier({ conversation, previous_response_id }: ResponseRequest): Earlier {
  const given = conversation ?? null
  const conversationId = typeof given === 'string' ? given : (given?.id ?? null)
  const previousResponseId = previous_response_id ?? null
  if (conversationId !== null && previousResponseId !== null) {
    throw new RequestError(
      'mutually_exclusive_parameters',
      "Give 'conversation' or 'previous_response_id', not both: a conversation has its own history.",
      { param: 'previous_response_id' },
    )
  }
  return { conversationId, previousResponseId }
}
