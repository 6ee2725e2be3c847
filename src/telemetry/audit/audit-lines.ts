import { auditLine } from '../../core/audit-line.ts'
import type { AuditRecord } from '../../core/ports/audit.ts'

/** One JSON object a line. */
export function auditLines(records: readonly AuditRecord[]): string {
  return records.map((record) => `${JSON.stringify(auditLine(record))}\n`).join('')
}
