import { auditLine } from '../../core/audit-line.ts'
import type { AuditRecord } from '../../core/ports/audit.ts'

/** RFC 5424: log audit (13), informational for what was done, a warning for what was not. */
const FACILITY = 13
const SEVERITY = { done: 6, failed: 4, refused: 4 } as const

export interface SyslogOrigin {
  readonly host: string
  readonly processId: number
}

/** One entry as one message: the header, no structured data, the entry as JSON behind a byte order mark. */
export function syslogMessage(record: AuditRecord, { host, processId }: SyslogOrigin): Buffer {
  const priority = FACILITY * 8 + SEVERITY[record.outcome]
  const header = [
    `<${priority}>1`,
    record.at,
    printable(host, 255),
    'ragstone',
    String(processId),
    printable(record.action, 32),
    '-',
  ].join(' ')
  return Buffer.from(`${header} \uFEFF${JSON.stringify(auditLine(record))}`)
}

/** The same, no longer than a datagram may be: an entry that is keeps everything but its detail. */
export function syslogDatagram(record: AuditRecord, origin: SyslogOrigin): Buffer {
  const message = syslogMessage(record, origin)
  if (message.length <= LONGEST_DATAGRAM) return message
  return syslogMessage({ ...record, detail: { left_out_bytes: message.length } }, origin)
}

/** Of UDP over IPv4: 65,535 bytes, less the headers. */
const LONGEST_DATAGRAM = 65_507

/** Header fields are printable ASCII without spaces. */
function printable(text: string, longest: number): string {
  const kept = text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, longest)
  return kept === '' ? '-' : kept
}
