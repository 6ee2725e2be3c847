import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { noteOf } from '../../../auth/note.ts'
import { tokenAnswer, tokenFailure, tokenRequest } from '../../../contract/access-token.ts'
import type { Scope } from '../../../core/principal.ts'
import { scopesOf } from '../../../tenancy/roles.ts'
import { logFailure } from '../../error-handling.ts'
import { refuseUnstorable } from '../../storable-input.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { visitOf } from '../../visit-of.ts'
import { wireFailure } from '../../wire-failure.ts'
import { OAuthError } from './oauth-error.ts'

const FORM = 'application/x-www-form-urlencoded'
const FAILED = Object.fromEntries(
  [400, 413, 415, 429, 500, 503].map((status) => [status, tokenFailure]),
)

/** RFC 6749, section 4.3: for programs that have nothing but a name and a password. Others take an API key. */
export function tokenRoutes(app: Routes, { auditLog, people }: RouteDeps): void {
  void app.register(async (scope: Routes) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      FORM,
      { parseAs: 'string' },
      async (_request: unknown, body: string) => readForm(body),
    )
    scope.setErrorHandler(sendOAuthFailure)
    scope.post(
      '/auth/token',
      {
        schema: {
          tags: ['People'],
          summary: 'Get an access token for a password',
          description: 'OAuth 2.0, resource owner password credentials: a form, not JSON.',
          consumes: [FORM],
          body: tokenRequest,
          response: { 200: tokenAnswer, ...FAILED },
        },
        config: { scope: 'public' },
      },
      async (request, reply) => {
        const { username, password, tenant, ...asked } = request.body
        insistOnPasswordGrant(asked.grant_type)
        if (username === undefined || password === undefined) {
          throw new OAuthError('invalid_request', 'Both username and password are needed.')
        }
        const visit = visitOf(request)
        const tenantId = tenant ?? people.defaultTenantId
        const attempt = { tenantId, email: username, password, visit }
        const { userId, scopes } = await people.passwordSignIn(
          attempt,
          async (transaction, user) => {
            const granted = grant(scopesOf(user.role), asked.scope)
            await auditLog.append(
              transaction,
              noteOf(visit, {
                action: 'access_token.create',
                actor: { kind: 'user', id: user.id },
                target: user.id,
                detail: { scopes: granted },
              }),
            )
            return { userId: user.id, scopes: granted }
          },
        )
        void reply.header('cache-control', 'no-store')
        return {
          access_token: await people.accessTokens.make({ tenantId, userId, scopes }),
          token_type: 'Bearer' as const,
          expires_in: people.accessTokens.lifetimeSeconds,
          scope: scopes.join(' '),
        }
      },
    )
  })
}

function insistOnPasswordGrant(grantType: string): void {
  if (grantType === 'password') return
  throw new OAuthError('unsupported_grant_type', 'The grant type must be `password`.')
}

function grant(all: readonly Scope[], asked: string | undefined): readonly Scope[] {
  const wanted = asked?.split(' ').filter((scope) => scope !== '') ?? []
  if (wanted.length === 0) return all
  const granted = all.filter((scope) => wanted.includes(scope))
  if (granted.length === new Set(wanted).size) return granted
  throw new OAuthError('invalid_scope', `This person may ask for: ${all.join(' ')}.`)
}

/** A parameter that comes twice is refused, as the RFC says. */
function readForm(text: string): Static<typeof tokenRequest> {
  const pairs = [...new URLSearchParams(text)]
  const form = Object.fromEntries(pairs)
  if (Object.keys(form).length !== pairs.length) {
    throw new OAuthError('invalid_request', 'A parameter was sent more than once.')
  }
  refuseUnstorable(form)
  return form as Static<typeof tokenRequest>
}

/** In the form that OAuth clients read. */
function sendOAuthFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = wireFailure(error)
  const word = error instanceof OAuthError ? error.word : wordOf(failure.status)
  // The RFC has 400 for a wrong password; 401 is for a client that fails to authenticate itself.
  const status = failure.status === 401 || failure.status === 403 ? 400 : failure.status
  logFailure(error, status, request)
  if (failure.retryAfterMs !== null) {
    void reply.header('retry-after', Math.ceil(failure.retryAfterMs / 1000))
  }
  void reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error: word, error_description: failure.message }))
}

function wordOf(status: number): string {
  if (status === 401 || status === 403) return 'invalid_grant'
  if (status === 429) return 'slow_down'
  return status >= 500 ? 'server_error' : 'invalid_request'
}
