import type { SignatureNonces } from '../core/ports/signature-nonces.ts'

export function createSignatureNonces(): SignatureNonces {
  return {
    async take(transaction, { keyId, nonce, expiresAt }) {
      // Each takes away two that are past their time, so that they never become many.
      const rows = await transaction.query(
        `with past as (
           select key_id, nonce from signature_nonces where tenant_id = $1 and expires_at < now()
           order by expires_at limit 2 for update skip locked),
         gone as (
           delete from signature_nonces where tenant_id = $1 and (key_id, nonce) in (select key_id, nonce from past))
         insert into signature_nonces (tenant_id, key_id, nonce, expires_at) values ($1, $2, $3, $4)
         on conflict do nothing returning nonce`,
        [transaction.tenantId, keyId, nonce, expiresAt],
      )
      return rows.length > 0
    },
  }
}
