import type { FastifyRequest } from 'fastify'
import { NO_PROVIDER, TICKET_SECONDS } from '../../../auth/openid-sign-in.ts'
import { OPENID_COOKIES, readCookie } from '../../../auth/session-cookie.ts'
import { openIdStartParams, openIdStartQuery } from '../../../contract/sign-in-settings.ts'
import { AppError } from '../../../core/errors.ts'
import { invalidValue } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { setCookie, setSessionCookies } from '../../set-cookies.ts'
import { visitOf } from '../../visit-of.ts'
import { endPresentedSession } from './end-presented-session.ts'
import { redirectUriOf } from './redirect-uri.ts'
import { SIGNED_IN_PAGE } from './signed-in-page.ts'

const TAGS = ['People']
const ELSEWHERE = { type: 'null', description: 'Elsewhere: see Location.' }
const LANDING = '/auth/signed-in'

export function openIdRoutes(app: Routes, deps: RouteDeps): void {
  const { database, people: services, tenantDirectory } = deps
  const { openIdSignIn, sessionKeeper, publicUrl } = services

  app.get(
    '/auth/oidc/:tenant_id/start',
    {
      schema: {
        tags: TAGS,
        summary: 'Sign in at the OpenID provider of a tenant',
        description: 'For browsers: leads to the provider, and from there back.',
        params: openIdStartParams,
        querystring: openIdStartQuery,
        response: { 303: ELSEWHERE },
      },
      config: { scope: 'public', failures: [400, 403, 409, 503] },
    },
    async (request, reply) => {
      const tenantId = request.params.tenant_id
      const returnTo = request.query.return_to ?? null
      if (returnTo !== null) insistOnOwnPath(returnTo)
      const active = await tenantDirectory.requireActive(tenantId).catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'unauthenticated') return null
        throw error
      })
      if (active === null) throw new AppError('resource_not_found', NO_PROVIDER)
      const { url, ticket } = await openIdSignIn.begin({
        tenantId,
        redirectUri: requireRedirectUri(request, publicUrl),
        returnTo,
      })
      setCookie(
        { request, reply, publicUrl },
        { names: OPENID_COOKIES, value: ticket, maxAge: TICKET_SECONDS },
      )
      return reply.redirect(url.href, 303)
    },
  )

  app.get(
    '/auth/oidc/callback',
    {
      schema: {
        tags: TAGS,
        summary: 'Where the OpenID provider sends the browser back to',
        description: 'Opens a session and sets its cookie, then leads to where the sign-in began.',
        response: { 303: ELSEWHERE },
      },
      config: { scope: 'public', failures: [400, 401, 403, 409, 503] },
    },
    async (request, reply) => {
      const place = { request, reply, publicUrl }
      const ticket = readCookie(request.headers, OPENID_COOKIES) ?? null
      // Good for one try, however that ends.
      setCookie(place, { names: OPENID_COOKIES, value: '', maxAge: 0 })
      const answer = new URL(requireRedirectUri(request, publicUrl))
      answer.search = new URL(request.raw.url ?? '/', answer).search
      const { opened, returnTo } = await openIdSignIn.finish(answer, ticket, visitOf(request))
      await endPresentedSession(request, { database, sessionKeeper })
      setSessionCookies(place, opened)
      return reply.redirect(returnTo ?? LANDING, 303)
    },
  )

  app.get(
    LANDING,
    { schema: { hide: true }, config: { scope: 'public' } },
    async (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
        .send(SIGNED_IN_PAGE),
  )
}

/** Nobody is led elsewhere by a link to this server. */
function insistOnOwnPath(path: string): void {
  const here = 'http://here.invalid'
  const isPath = /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(path)
  if (isPath && URL.canParse(path, here) && new URL(path, here).origin === here) return
  throw invalidValue('return_to', "'return_to' must be a path of this server, like /files.")
}

function requireRedirectUri(request: FastifyRequest, publicUrl: string | null): string {
  const uri = redirectUriOf(request, publicUrl)
  if (uri !== null) return uri
  throw new AppError(
    'conflict',
    'The server does not know under which address people reach it: set auth.public_url.',
  )
}
