import { compileGlob } from '../glob.ts'
import { createKeyFilter, type KeyFilter } from '../key-filter.ts'

/** What of a folder is wanted, by paths within it, with `/`. */
export interface FolderFilter {
  readonly takes: (path: string) => boolean
  /** Whether anything below that folder may be wanted. */
  readonly enters: (folder: string) => boolean
}

export function createFolderFilter(filter: KeyFilter): FolderFilter {
  const { include = [], exclude = [] } = filter
  const closed = exclude
    .filter((glob) => /\/(\*\*)?$/.test(glob))
    .map((glob) => compileGlob(glob.replace(/\/(\*\*)?$/, ''), { dot: true }))
  const mayBeHidden = include.some((glob) => /(^|[/{,])\./.test(glob))
  return {
    takes: createKeyFilter(filter),
    enters: (folder) =>
      !closed.some((matches) => matches?.(folder)) &&
      (mayBeHidden || folder.split('/').at(-1)?.startsWith('.') !== true),
  }
}
