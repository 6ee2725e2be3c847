import type { Archive, ArchiveEntry } from './archive.ts'
import type { ChecksumList } from './manifest.ts'

/** Entries of an archive whose hashes are written into it, list by list, so that none of them is kept here. */
export interface Ledger {
  add(entry: ArchiveEntry): Promise<string>
  /** Writes what is still to be written. */
  close(): Promise<readonly ChecksumList[]>
}

const LIST_BYTES = 1_048_576

export function createLedger(archive: Pick<Archive, 'add'>, listBytes = LIST_BYTES): Ledger {
  const lists: ChecksumList[] = []
  let lines: string[] = []
  let bytes = 0

  const flush = async (): Promise<void> => {
    if (lines.length === 0) return
    const content = Buffer.from(lines.join(''))
    const path = `checksums/${String(lists.length + 1).padStart(6, '0')}.sha256`
    const sha256 = await archive.add({ path, bytes: content.length, content: [content] })
    lists.push({ path, entries: lines.length, sha256 })
    lines = []
    bytes = 0
  }

  return {
    async add(entry) {
      const sha256 = await archive.add(entry)
      const line = `${sha256}  ${entry.path}\n`
      lines.push(line)
      bytes += line.length
      if (bytes >= listBytes) await flush()
      return sha256
    },
    async close() {
      await flush()
      return lists
    },
  }
}
