import type { ResponseRecord } from '../../../core/ports/answers.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { notFound } from '../../not-found.ts'
import type { KeptResponse } from './kept-response.ts'

/** Throws `resource_not_found`. */
export async function findResponse(
  { answers, database }: Pick<HttpDeps, 'answers' | 'database'>,
  tenantId: string,
  id: string,
): Promise<ResponseRecord & { readonly response: KeptResponse }> {
  const record = await database.transact(tenantId, (transaction) =>
    answers.getResponse(transaction, id),
  )
  if (record === null) throw notFound('response', id)
  // Stored by the routes of responses, so of this shape.
  return { ...record, response: record.response as KeptResponse }
}
