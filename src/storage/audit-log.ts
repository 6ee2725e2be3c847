import { SERVER_LOG, type AuditEntry, type AuditLog } from '../core/ports/audit.ts'
import type { Transaction } from '../core/ports/database.ts'
import { storableJson } from './storable-json.ts'

const COLUMNS =
  'tenant_id, action, actor_kind, actor_id, target, outcome, request_id, address, detail'
const LONGEST = 1_000
/** What is noted behind an answer may come after the erasure of its tenant, whose log would then begin anew. */
const IS_THERE = `($1 = '${SERVER_LOG}' or exists (select from tenants where id = $1 and status <> 'erasing'))`

/** `onAppend` hears of every entry that is about to be committed. */
export function createAuditLog({
  onAppend = () => undefined,
}: { readonly onAppend?: () => void } = {}): AuditLog {
  return {
    async append(transaction, entry) {
      onAppend()
      transaction.last(
        `insert into audit_log (${COLUMNS}) select $1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb where ${IS_THERE}`,
        valuesOf(transaction, entry),
      )
    },
    // A transaction that has changed nothing has no id yet.
    appendIfChanged(transaction, entry, told) {
      transaction.last(
        `insert into audit_log (${COLUMNS}) select $1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb
         where pg_current_xact_id_if_assigned() is not null and ${IS_THERE}`,
        valuesOf(transaction, entry),
        (rows) => {
          if (rows > 0) onAppend()
          told(rows > 0)
        },
      )
    },
  }
}

function valuesOf({ tenantId }: Transaction, entry: AuditEntry): readonly unknown[] {
  return [
    tenantId,
    entry.action,
    entry.actor.kind,
    storable(entry.actor.id),
    storable(entry.target),
    entry.outcome,
    entry.requestId,
    entry.address,
    storableJson(entry.detail),
  ]
}

/** A refused request may have named anything at all. */
function storable(text: string | null): string | null {
  return text === null ? null : text.replaceAll('\0', '').toWellFormed().slice(0, LONGEST)
}
