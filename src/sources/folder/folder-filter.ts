import picomatch from 'picomatch'
import type { FolderSettings } from './folder-settings.ts'

/** What of a folder is wanted, by paths within it, with `/`. */
export interface FolderFilter {
  readonly takes: (path: string) => boolean
  /** Whether anything below that folder may be wanted. */
  readonly enters: (folder: string) => boolean
}

const ALL = '**/*'

export function createFolderFilter({
  include = [ALL],
  exclude = [],
}: Pick<FolderSettings, 'exclude' | 'include'>): FolderFilter {
  const wanted = picomatch(include.length === 0 ? ALL : [...include])
  const unwanted = picomatch([...exclude], { dot: true })
  const isPruned = picomatch(
    exclude.filter((glob) => glob.endsWith('/**')).map((glob) => glob.slice(0, -'/**'.length)),
    { dot: true },
  )
  const mayBeHidden = include.some((glob) => /(^|\/)\./.test(glob))
  return {
    takes: (path) => wanted(path) && !unwanted(path),
    enters: (folder) =>
      !isPruned(folder) && (mayBeHidden || !folder.split('/').at(-1)?.startsWith('.')),
  }
}

/** A sentence on a pattern that is none; null where all are well. */
export function globRefusal(globs: readonly string[]): string | null {
  for (const glob of globs) {
    if (glob.startsWith('/') || glob.split('/').includes('..'))
      return `The pattern ${glob} leads out of the folder: patterns are relative to it, without a leading slash and without "..".`
    try {
      picomatch.makeRe(glob)
    } catch {
      return `The pattern ${glob} is no glob.`
    }
  }
  return null
}
