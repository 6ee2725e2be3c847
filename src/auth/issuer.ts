import type { Role, Scope } from '../core/principal.ts'

/** An outside issuer of tokens that is believed, as it is configured. */
export interface Issuer {
  readonly name: string
  /** As its tokens spell it in `iss`. */
  readonly issuer: string
  /** A token must be for one of them. */
  readonly audiences: readonly string[]
  /** Null to find it in the issuer's OpenID configuration. */
  readonly jwksUrl: string | null
  /** Its tokens may be signed with these and no others; never with none, and never with a shared secret. */
  readonly algorithms: readonly string[]
  readonly clockSkewSeconds: number
  /** Of all its tokens; null where a claim says it. */
  readonly tenantId: string | null
  /** The claim that holds the tenant's id. */
  readonly tenantClaim: string | null
  /** Claims in which roles and scopes are looked for. */
  readonly grantClaims: readonly string[]
  /** What a word in one of these claims gives. A word that is not here gives nothing. */
  readonly grants: readonly {
    readonly claim: string
    readonly role: Role | null
    readonly scopes: readonly Scope[]
  }[]
}
