import { noteOf } from '../../../auth/note.ts'
import { sessionDeleted, sessionList, sessionParams } from '../../../contract/session.ts'
import { sessionsEnded } from '../../../contract/user.ts'
import { AppError } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import { actorOf } from '../../actor-of.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { visitOf } from '../../visit-of.ts'
import { wireSession } from './wire-person.ts'

const TAGS = ['People']

/** A person's own. Those of others end by way of /api/users. */
export function sessionRoutes(app: Routes, { database, auditLog, people }: RouteDeps): void {
  const { sessionKeeper, forget } = people

  app.get(
    '/api/sessions',
    {
      schema: { tags: TAGS, summary: 'List your sessions', response: { 200: sessionList } },
      config: { scope: 'any' },
    },
    async ({ principal }) => {
      const userId = personOf(principal)
      const sessions = await database.transact(principal.tenantId, (transaction) =>
        sessionKeeper.list(transaction, userId),
      )
      const data = sessions.map((session) => wireSession(session, principal.sessionId))
      return { object: 'list' as const, data }
    },
  )

  app.delete(
    '/api/sessions/:session_id',
    {
      schema: {
        tags: TAGS,
        summary: 'End one of your sessions',
        params: sessionParams,
        response: { 200: sessionDeleted },
      },
      config: { scope: 'any' },
    },
    async (request) => {
      const { principal, params } = request
      const id = params.session_id
      const userId = personOf(principal)
      const ended = await database.transact(principal.tenantId, async (transaction) => {
        const done = await sessionKeeper.end(transaction, { id, userId })
        const entry = { action: 'session.delete', actor: actorOf(principal), target: id }
        if (done) await auditLog.append(transaction, noteOf(visitOf(request), entry))
        return done
      })
      if (!ended) throw notFound('session', id)
      forget(userId)
      return { id, object: 'session.deleted' as const, deleted: true as const }
    },
  )

  app.delete(
    '/api/sessions',
    {
      schema: {
        tags: TAGS,
        summary: 'End all your other sessions',
        description: 'And all your access tokens. The session that asks goes on.',
        response: { 200: sessionsEnded },
      },
      config: { scope: 'any' },
    },
    async (request) => {
      const { principal } = request
      const userId = personOf(principal)
      const deleted = await database.transact(principal.tenantId, async (transaction) => {
        const sessions = await sessionKeeper.endAll(transaction, userId, principal.sessionId)
        const entry = { action: 'session.delete', actor: actorOf(principal), target: userId }
        await auditLog.append(
          transaction,
          noteOf(visitOf(request), { ...entry, detail: { sessions } }),
        )
        return sessions
      })
      forget(userId)
      return { object: 'sessions.deleted' as const, deleted }
    },
  )
}

function personOf({ userId, role }: Principal): string {
  // Somebody for whom an outside issuer vouches has no account here, and no role.
  if (userId !== null && role !== null) return userId
  throw new AppError('permission_denied', 'Only people have sessions: sign in first.')
}
