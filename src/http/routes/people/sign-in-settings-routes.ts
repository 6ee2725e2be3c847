import type { FastifyRequest } from 'fastify'
import { noteOf } from '../../../auth/note.ts'
import { secretPlace } from '../../../auth/openid-sign-in.ts'
import {
  signInSettings,
  signInSettingsUpdate,
  type SignInSettingsUpdate,
  type WireSignInSettings,
} from '../../../contract/sign-in-settings.ts'
import { AppError } from '../../../core/errors.ts'
import type { ProviderSettings, SignInSettings } from '../../../core/ports/sign-in-settings.ts'
import { actingRole, roleMay } from '../../../tenancy/roles.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { managerOf } from '../../visit-of.ts'
import { redirectUriOf } from './redirect-uri.ts'

const TAGS = ['People']
const PATH = '/api/tenant/sign-in'
const DEFAULT_SCOPES = ['email', 'profile']

export function signInSettingsRoutes(app: Routes, deps: RouteDeps): void {
  const { auditLog, database, people } = deps
  const store = () => people.stores.signInSettings

  app.get(
    PATH,
    {
      schema: { tags: TAGS, summary: 'How people sign in', response: { 200: signInSettings } },
      config: { scope: 'admin' },
    },
    async (request) => {
      const settings = await database.transact(request.principal.tenantId, (transaction) =>
        store().get(transaction),
      )
      return wire(settings, redirectUriOf(request, people.publicUrl))
    },
  )

  app.post(
    PATH,
    {
      schema: {
        tags: TAGS,
        summary: 'Say how people sign in',
        description: 'For owners. What is left out stays; `provider: null` takes it away.',
        body: signInSettingsUpdate,
        response: { 200: signInSettings },
      },
      config: { scope: 'admin', failures: [409] },
    },
    async (request) => {
      insistOnOwner(request)
      const { tenantId, actor, visit } = managerOf(request)
      const { password_allowed: allowed, provider } = request.body
      const sealed =
        typeof provider?.client_secret === 'string'
          ? await people.seal.close(provider.client_secret, secretPlace(tenantId))
          : null
      const after = await database.transact(tenantId, async (transaction) => {
        const before = await store().get(transaction)
        const settings: SignInSettings = {
          passwordAllowed: allowed ?? before.passwordAllowed,
          provider:
            provider === undefined ? before.provider : readProvider(provider, before, sealed),
        }
        if (!settings.passwordAllowed && settings.provider === null) {
          throw new AppError('conflict', 'Nobody could sign in then: keep passwords or a provider.')
        }
        await store().set(transaction, settings, new Date())
        const detail = {
          password_allowed: settings.passwordAllowed,
          issuer: settings.provider?.issuer ?? null,
          client_id: settings.provider?.clientId ?? null,
        }
        const entry = { action: 'sign_in_settings.update', actor, target: tenantId, detail }
        await auditLog.append(transaction, noteOf(visit, entry))
        return settings
      })
      return wire(after, redirectUriOf(request, people.publicUrl))
    },
  )
}

function insistOnOwner({ principal }: FastifyRequest): void {
  const role = actingRole(principal)
  if (role !== null && roleMay(role, 'manageSignIn')) return
  throw new AppError('permission_denied', 'Only an owner may change how people sign in.')
}

function readProvider(
  given: NonNullable<SignInSettingsUpdate['provider']> | null,
  before: SignInSettings,
  sealed: string | null,
): ProviderSettings | null {
  if (given === null) return null
  return {
    issuer: given.issuer,
    clientId: given.client_id,
    clientSecret: sealed ?? keptSecret(given, before.provider),
    scopes: given.scopes ?? DEFAULT_SCOPES,
    roleClaim: given.role_claim ?? null,
    roleMapping: given.role_mapping ?? [],
    defaultRole: given.default_role ?? null,
  }
}

/** A secret is for the one it was made with: it is not sent to whoever is named next. */
function keptSecret(
  given: NonNullable<SignInSettingsUpdate['provider']>,
  present: ProviderSettings | null,
): string | null {
  const same = present?.issuer === given.issuer && present.clientId === given.client_id
  return given.client_secret === undefined && same ? present.clientSecret : null
}

function wire(settings: SignInSettings, redirectUri: string | null): WireSignInSettings {
  const { passwordAllowed, provider } = settings
  return {
    object: 'sign_in_settings',
    password_allowed: passwordAllowed,
    provider:
      provider === null
        ? null
        : {
            issuer: provider.issuer,
            client_id: provider.clientId,
            has_client_secret: provider.clientSecret !== null,
            scopes: [...provider.scopes],
            role_claim: provider.roleClaim,
            role_mapping: provider.roleMapping.map(({ value, role }) => ({ value, role })) as never,
            default_role: provider.defaultRole as never,
          },
    redirect_uri: redirectUri,
  }
}
