import { insistOnOwnOrigin } from '../../../auth/csrf.ts'
import { readCookie, SESSION_COOKIES } from '../../../auth/session-cookie.ts'
import { openSession, passwordChange, sessionDeleted, signIn } from '../../../contract/session.ts'
import { AppError } from '../../../core/errors.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { clearSessionCookie, setSessionCookies } from '../../set-cookies.ts'
import { visitOf } from '../../visit-of.ts'
import { endPresentedSession } from './end-presented-session.ts'
import { wireOpenSession } from './wire-person.ts'

const TAGS = ['People']

export function signInRoutes(app: Routes, { database, people: services }: RouteDeps): void {
  const { account, passwordSignIn, sessionKeeper, publicUrl, stores } = services

  app.post(
    '/auth/sign-in',
    {
      schema: {
        tags: TAGS,
        summary: 'Sign in with a password',
        description:
          'Opens a session and sets its cookie. Whatever is wrong, the answer is the same; who fails too often waits (429).',
        body: signIn,
        response: { 200: openSession },
      },
      config: { scope: 'public', failures: [400, 401, 403, 429, 503] },
    },
    async (request, reply) => {
      insistOnOwnOrigin(request.headers, publicUrl)
      const { tenant: tenantId = services.defaultTenantId, email, password } = request.body
      const visit = visitOf(request)
      const opened = await passwordSignIn(
        { tenantId, email, password, visit },
        (transaction, user) => sessionKeeper.open(transaction, { user, method: 'password', visit }),
      )
      await endPresentedSession(request, { database, sessionKeeper })
      setSessionCookies({ request, reply, publicUrl }, opened)
      return wireOpenSession(tenantId, opened)
    },
  )

  app.get(
    '/auth/session',
    {
      schema: {
        tags: TAGS,
        summary: 'The session of this browser',
        description: 'With the token that its requests must carry.',
        response: { 200: openSession },
      },
      config: { scope: 'any' },
    },
    async (request, reply) => {
      const secret = readCookie(request.headers, SESSION_COOKIES)
      const known = secret === undefined ? null : await sessionKeeper.find(secret)
      if (known === null || secret === undefined || request.principal.sessionId === null) {
        throw new AppError('unauthenticated', 'There is no session: sign in at POST /auth/sign-in.')
      }
      void reply.header('cache-control', 'no-store')
      return wireOpenSession(known.tenantId, { ...known, secret })
    },
  )

  app.post(
    '/auth/sign-out',
    {
      schema: {
        tags: TAGS,
        summary: 'End the session of this browser',
        response: { 200: sessionDeleted },
      },
      config: { scope: 'any', failures: [404] },
    },
    async (request, reply) => {
      const id = await endPresentedSession(request, { database, sessionKeeper })
      clearSessionCookie({ request, reply, publicUrl })
      if (id === null) throw new AppError('resource_not_found', 'There is no session to end.')
      return { id, object: 'session.deleted' as const, deleted: true as const }
    },
  )

  app.post(
    '/auth/password',
    {
      schema: {
        tags: TAGS,
        summary: 'Change your password',
        description: 'Ends all other sessions and access tokens, and opens a new session.',
        body: passwordChange,
        response: { 200: openSession },
      },
      config: { scope: 'any' },
    },
    async (request, reply) => {
      const { tenantId, userId } = request.principal
      const user =
        userId === null
          ? null
          : await database.transact(tenantId, (transaction) =>
              stores.users.get(transaction, userId),
            )
      if (user === null) throw new AppError('permission_denied', 'Only people have passwords.')
      const { current_password: current, new_password: next } = request.body
      const change = { tenantId, email: user.email, current, next }
      const opened = await account.changePassword(change, visitOf(request))
      setSessionCookies({ request, reply, publicUrl }, opened)
      return wireOpenSession(tenantId, opened)
    },
  )
}
