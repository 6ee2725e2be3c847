import type { Role } from './principal.ts'

/** A person in one tenant. Who belongs to two tenants is two of these. */
export interface User {
  readonly id: string
  /** In lower case; unique within the tenant. */
  readonly email: string
  readonly name: string
  readonly role: Role
  /** The tenant's OpenID provider set the role, and may change it at the next sign-in. */
  readonly roleFromProvider: boolean
  readonly hasPassword: boolean
  /** Access tokens made before are void. */
  readonly tokensValidFrom: Date
  readonly disabledAt: Date | null
  readonly createdAt: Date
  readonly lastSignInAt: Date | null
}

export type SignInMethod = 'invitation' | 'oidc' | 'password' | 'reset'

export interface PersonSession {
  readonly id: string
  readonly userId: string
  readonly method: SignInMethod
  readonly address: string | null
  readonly userAgent: string | null
  readonly createdAt: Date
  readonly seenAt: Date
  /** At the latest; earlier when nothing was asked in it for a while. */
  readonly expiresAt: Date
}

/** Waiting for somebody to accept it; once accepted it is gone. */
export interface Invitation {
  readonly id: string
  readonly email: string
  readonly role: Role
  /** Id of the person who invited; null for a key or the owner of the machine. */
  readonly invitedBy: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
}
