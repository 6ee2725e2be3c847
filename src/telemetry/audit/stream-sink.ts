import type { AuditSink } from '../../core/ports/audit-sink.ts'
import { auditLines } from './audit-lines.ts'

/** Standard output, for platforms that collect it. Taken when the stream has handed it on. */
export function createStreamSink({
  stream,
}: {
  readonly stream: NodeJS.WritableStream
}): AuditSink {
  return {
    deliver: (records) =>
      new Promise((resolve, reject) => {
        stream.write(auditLines(records), (error) => {
          if (error) reject(error)
          else resolve()
        })
      }),
    close: async () => undefined,
  }
}
