import type { Role } from '../principal.ts'
import type { Transaction } from './database.ts'

export interface RoleRule {
  /** What the claim must be, or hold. */
  readonly value: string
  readonly role: Role
}

/** The OpenID provider of a tenant. */
export interface ProviderSettings {
  readonly issuer: string
  readonly clientId: string
  /** Sealed; null for a client that has none. */
  readonly clientSecret: string | null
  /** Asked for beside `openid`. */
  readonly scopes: readonly string[]
  /** Whose values name roles; dots go into objects: `realm_access.roles`. */
  readonly roleClaim: string | null
  readonly roleMapping: readonly RoleRule[]
  /** Of somebody whom the provider vouches for and no rule names; null lets only those in who were invited. */
  readonly defaultRole: Role | null
}

/** How the people of a tenant sign in. */
export interface SignInSettings {
  readonly passwordAllowed: boolean
  readonly provider: ProviderSettings | null
}

export const DEFAULT_SIGN_IN: SignInSettings = { passwordAllowed: true, provider: null }

export interface SignInSettingsStore {
  get(transaction: Transaction): Promise<SignInSettings>
  set(transaction: Transaction, settings: SignInSettings, now: Date): Promise<void>
}
