import {
  DEFAULT_SIGN_IN,
  type ProviderSettings,
  type RoleRule,
  type SignInSettingsStore,
} from '../core/ports/sign-in-settings.ts'
import type { Role } from '../core/principal.ts'
import { storableJson } from './storable-json.ts'

interface Row {
  readonly password_allowed: boolean
  readonly issuer: string | null
  readonly client_id: string | null
  readonly client_secret: string | null
  readonly scopes: readonly string[]
  readonly role_claim: string | null
  readonly role_mapping: readonly RoleRule[]
  readonly default_role: Role | null
}

export function createSignInSettings(): SignInSettingsStore {
  return {
    async get(transaction) {
      const [row] = await transaction.query<Row>(
        `select password_allowed, issuer, client_id, client_secret, scopes, role_claim, role_mapping, default_role
         from sign_in_settings where tenant_id = $1`,
        [transaction.tenantId],
      )
      if (row === undefined) return DEFAULT_SIGN_IN
      const provider =
        row.issuer === null || row.client_id === null
          ? null
          : {
              issuer: row.issuer,
              clientId: row.client_id,
              clientSecret: row.client_secret,
              scopes: row.scopes,
              roleClaim: row.role_claim,
              roleMapping: row.role_mapping,
              defaultRole: row.default_role,
            }
      return { passwordAllowed: row.password_allowed, provider }
    },

    async set(transaction, { passwordAllowed, provider }, now) {
      await transaction.query(
        `insert into sign_in_settings (tenant_id, password_allowed, issuer, client_id, client_secret,
           scopes, role_claim, role_mapping, default_role, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10)
         on conflict (tenant_id) do update set
           password_allowed = excluded.password_allowed, issuer = excluded.issuer,
           client_id = excluded.client_id, client_secret = excluded.client_secret,
           scopes = excluded.scopes, role_claim = excluded.role_claim,
           role_mapping = excluded.role_mapping, default_role = excluded.default_role,
           updated_at = excluded.updated_at`,
        [transaction.tenantId, passwordAllowed, ...valuesOf(provider), now],
      )
    },
  }
}

function valuesOf(provider: ProviderSettings | null): readonly unknown[] {
  if (provider === null) return [null, null, null, [], null, '[]', null]
  const { issuer, clientId, clientSecret, scopes, roleClaim, roleMapping, defaultRole } = provider
  const mapping = storableJson(roleMapping)
  return [issuer, clientId, clientSecret, scopes, roleClaim, mapping, defaultRole]
}
