import { insistOnOwnOrigin } from '../../../auth/csrf.ts'
import { readSecret } from '../../../auth/carried-secret.ts'
import type { OpenedSession } from '../../../auth/session-keeper.ts'
import { invitationAccept, passwordResetUse } from '../../../contract/invitation.ts'
import { openSession } from '../../../contract/session.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { setSessionCookies } from '../../set-cookies.ts'
import { visitOf } from '../../visit-of.ts'
import { endPresentedSession } from './end-presented-session.ts'
import { wireOpenSession } from './wire-person.ts'

const TAGS = ['People']
const OPEN = { scope: 'public' as const, failures: [400, 401, 403, 503] }

/** What somebody does with a secret that an admin handed him. */
export function secretRoutes(app: Routes, deps: RouteDeps): void {
  const { database, people: services, tenantDirectory } = deps
  const { account, sessionKeeper, publicUrl } = services

  /** A suspended tenant lets nobody in. */
  const insistOnActive = async (kind: 'invitation' | 'reset', secret: string) => {
    const presented = readSecret(kind, secret)
    if (presented !== null) await tenantDirectory.requireActive(presented.tenantId)
  }
  const answer = async (request: FastifyRequest, reply: FastifyReply, opened: OpenedSession) => {
    await endPresentedSession(request, { database, sessionKeeper })
    setSessionCookies({ request, reply, publicUrl }, opened)
    return wireOpenSession(readSecret('session', opened.secret)?.tenantId ?? '', opened)
  }

  app.post(
    '/auth/accept-invitation',
    {
      schema: {
        tags: TAGS,
        summary: 'Accept an invitation by setting a password',
        description: 'Opens a session and sets its cookie.',
        body: invitationAccept,
        response: { 200: openSession },
      },
      config: OPEN,
    },
    async (request, reply) => {
      insistOnOwnOrigin(request.headers, publicUrl)
      await insistOnActive('invitation', request.body.secret)
      const opened = await account.acceptInvitation(request.body, visitOf(request))
      return answer(request, reply, opened)
    },
  )

  app.post(
    '/auth/reset-password',
    {
      schema: {
        tags: TAGS,
        summary: 'Set a new password with the secret of a reset',
        description: 'Ends all sessions and access tokens, then opens a session.',
        body: passwordResetUse,
        response: { 200: openSession },
      },
      config: OPEN,
    },
    async (request, reply) => {
      insistOnOwnOrigin(request.headers, publicUrl)
      await insistOnActive('reset', request.body.secret)
      const opened = await account.useReset(request.body, visitOf(request))
      return answer(request, reply, opened)
    },
  )
}
