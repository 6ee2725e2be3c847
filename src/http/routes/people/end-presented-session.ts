import type { FastifyRequest } from 'fastify'
import { readCookie, SESSION_COOKIES } from '../../../auth/session-cookie.ts'
import type { SessionKeeper } from '../../../auth/session-keeper.ts'
import type { Database } from '../../../core/ports/database.ts'

/** Ends the session whose cookie came with the request; gives its id, null where none stands. */
export async function endPresentedSession(
  request: FastifyRequest,
  {
    database,
    sessionKeeper,
  }: { readonly database: Database; readonly sessionKeeper: SessionKeeper },
): Promise<string | null> {
  const secret = readCookie(request.headers, SESSION_COOKIES)
  const known = secret === undefined ? null : await sessionKeeper.find(secret)
  if (known === null) return null
  await database.transact(known.tenantId, (transaction) =>
    sessionKeeper.end(transaction, known.session),
  )
  sessionKeeper.forget(known.user.id)
  return known.session.id
}
