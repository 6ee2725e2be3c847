import { open, type FileHandle } from 'node:fs/promises'
import type { AuditSink } from '../../core/ports/audit-sink.ts'
import { auditLines } from './audit-lines.ts'

/** Opened anew for each batch, so that whoever rotates the file need tell nobody. On disk when it is acknowledged. */
export function createFileSink({ path }: { readonly path: string }): AuditSink {
  return {
    async deliver(records) {
      const file = await open(path, 'a', 0o600)
      try {
        const before = (await endsMidLine(file, path)) ? '\n' : ''
        await file.appendFile(`${before}${auditLines(records)}`)
        await file.datasync()
      } finally {
        await file.close()
      }
    },
    close: async () => undefined,
  }
}

/** A line that was cut short, by a full disk or a kill, must not spoil the one after it: all of it comes again. */
async function endsMidLine(file: FileHandle, path: string): Promise<boolean> {
  const stats = await file.stat()
  if (!stats.isFile() || stats.size === 0) return false
  const reader = await open(path, 'r')
  try {
    const { buffer } = await reader.read(Buffer.alloc(1), 0, 1, stats.size - 1)
    return buffer.toString() !== '\n'
  } finally {
    await reader.close()
  }
}
