import type { AuditRecord } from '../../core/ports/audit.ts'
import type { AuditSink } from '../../core/ports/audit-sink.ts'
import { auditLines } from './audit-lines.ts'

export interface HttpSinkOptions {
  readonly url: string
  /** Sent as a bearer token. */
  readonly token: string | null
  readonly timeoutMs: number
}

/** JSON lines in a POST; taken when the answer is 2xx. A batch that is too large for the receiver is halved. */
export function createHttpSink({ url, token, timeoutMs }: HttpSinkOptions): AuditSink {
  const deliver = async (records: readonly AuditRecord[], signal: AbortSignal): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      headers: {
        'content-type': 'application/x-ndjson',
        // The same for the same entries: whoever gets them twice can tell.
        'idempotency-key': `${records[0]?.id ?? ''}-${records.length}`,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: auditLines(records),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    await response.body?.cancel()
    if (response.ok) return
    if (response.status !== 413 || records.length === 1) {
      throw new Error(`The receiver of the audit log answered ${response.status}.`)
    }
    const half = Math.ceil(records.length / 2)
    await deliver(records.slice(0, half), signal)
    await deliver(records.slice(half), signal)
  }
  return { deliver, close: async () => undefined }
}
