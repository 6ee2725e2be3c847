import type { AuditLog } from '../core/ports/audit.ts'
import type { Database } from '../core/ports/database.ts'
import type { PeopleStores } from '../core/ports/people-stores.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import { createAccessTokenSignIn } from './access-token-sign-in.ts'
import { createAccessTokens, type AccessTokens } from './access-token.ts'
import { createAccount, type Account } from './account.ts'
import type { SignIn } from './authenticate.ts'
import { deriveKeys } from './derived-keys.ts'
import { createOpenIdClient } from './openid-client.ts'
import { createOpenIdSignIn, type OpenIdSignIn } from './openid-sign-in.ts'
import { createPasswordHashes } from './password-hash.ts'
import { createPasswordRules } from './password-rules.ts'
import { createPasswordSignIn, type PasswordSignIn } from './password-sign-in.ts'
import { createPeople, type People } from './people.ts'
import { createSeal, type Seal } from './seal.ts'
import { createSessionKeeper, type SessionKeeper, type SessionSettings } from './session-keeper.ts'
import { createSessionSignIn } from './session-sign-in.ts'

export interface PeopleSettings extends SessionSettings {
  /** Under which people reach the server; null where it is told by each request. */
  readonly publicUrl: string | null
  readonly accessTokenSeconds: number
  /** OpenID providers may be inside the server's own network, and speak plain HTTP. */
  readonly providersInside: boolean
}

/** Everything that has to do with people, made of what is kept of them. */
export interface PeopleServices {
  readonly stores: PeopleStores
  /** How people show who they are, for the chain of all callers. */
  readonly ways: readonly SignIn[]
  readonly people: People
  readonly account: Account
  readonly passwordSignIn: PasswordSignIn
  readonly sessionKeeper: SessionKeeper
  readonly accessTokens: AccessTokens
  readonly openIdSignIn: OpenIdSignIn
  readonly seal: Seal
  readonly publicUrl: string | null
  /** Of those who name none. */
  readonly defaultTenantId: string
  readonly forget: (userId: string) => void
}

export function createPeopleServices(deps: {
  readonly database: Database
  readonly auditLog: AuditLog
  readonly tenantDirectory: TenantDirectory
  readonly stores: PeopleStores
  /** The first signs; the others are still believed. */
  readonly secrets: readonly [string, ...string[]]
  readonly settings: PeopleSettings
  readonly defaultTenantId: string
  readonly now?: () => number
}): PeopleServices {
  const { database, auditLog, tenantDirectory, stores, secrets, settings, now = Date.now } = deps
  const { publicUrl } = settings
  const shared = { database, auditLog, now, ...stores }
  const passwordHashes = createPasswordHashes()
  const insistOnGoodPassword = createPasswordRules()
  const sessionKeeper = createSessionKeeper({ ...shared, settings })
  const accessTokens = createAccessTokens({
    keys: deriveKeys(secrets, 'access tokens'),
    lifetimeSeconds: settings.accessTokenSeconds,
    now,
  })
  const byToken = createAccessTokenSignIn({ ...shared, accessTokens })
  const forget = (userId: string) => {
    sessionKeeper.forget(userId)
    byToken.forget(userId)
  }
  const passwordSignIn = createPasswordSignIn({ ...shared, passwordHashes, tenantDirectory })
  const seal = createSeal(deriveKeys(secrets, 'sealing'))
  const openIdSignIn = createOpenIdSignIn({
    ...shared,
    seal,
    sessionKeeper,
    forget,
    requireActive: (tenantId) => tenantDirectory.requireActive(tenantId),
    openIdClient: createOpenIdClient({ insideAllowed: settings.providersInside }),
  })
  const made = { ...shared, passwordHashes, insistOnGoodPassword, sessionKeeper, forget }
  return {
    stores,
    ways: [createSessionSignIn({ sessionKeeper, publicUrl }), byToken.signIn],
    people: createPeople(made),
    account: createAccount({ ...made, passwordSignIn }),
    passwordSignIn,
    sessionKeeper,
    accessTokens,
    openIdSignIn,
    seal,
    publicUrl,
    defaultTenantId: deps.defaultTenantId,
    forget,
  }
}
