import { open } from 'node:fs/promises'
import type { AuditSink } from '../../core/ports/audit-sink.ts'
import { auditLines } from './audit-lines.ts'

/** Opened anew for each batch, so that whoever rotates the file need tell nobody. On disk when it is acknowledged. */
export function createFileSink({ path }: { readonly path: string }): AuditSink {
  return {
    async deliver(records) {
      const file = await open(path, 'a', 0o600)
      try {
        await file.appendFile(auditLines(records))
        await file.datasync()
      } finally {
        await file.close()
      }
    },
    close: async () => undefined,
  }
}
