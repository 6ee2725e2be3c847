import type { FolderSyncRow } from '../measure-folder-sync.ts'
import type { Environment } from '../results.ts'
import { provenance, table } from './markdown.ts'

export interface FolderSyncResults {
  readonly environment: Environment
  readonly files: number
  readonly rows: readonly FolderSyncRow[]
}

export function describeFolderSync({ environment, files, rows }: FolderSyncResults): string {
  return `## Syncing a folder

A folder of ${files.toLocaleString('en')} files of a kilobyte. The first sync reads, hashes and keeps each file and queues its job; parsing and
embedding are not in it. In the others nothing had changed: they list the folder and compare.

${table(
  ['database', 'first sync', 'nothing changed'],
  rows.map((row) => [
    row.backend === 'pglite' ? 'embedded' : 'PostgreSQL 18',
    `${row.first} s`,
    `${row.unchanged} s`,
  ]),
)}

${provenance(environment)}
`
}
