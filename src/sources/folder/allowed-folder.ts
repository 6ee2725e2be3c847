import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'

/** Whether `path` is `folder` or lies below it. Both absolute, and free of symbolic links. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..')
}

/** The folder without symbolic links, or a sentence on why it may not be read. */
export function allowedFolder(
  path: string,
  roots: readonly string[],
): { readonly real: string } | { readonly refusal: string } {
  if (roots.length === 0) {
    return {
      refusal:
        'Folders of this server may not be read: its configuration names none. Whoever runs it can set sources.folder_roots (RAGSTONE_SOURCES_FOLDER_ROOTS) to the folders below which sources may lie.',
    }
  }
  const real = realFolder(path)
  // A path that leads elsewhere is told no more than one that leads nowhere.
  const isAllowed = real !== null && roots.some((root) => isWithin(realFolder(root) ?? root, real))
  if (isAllowed) return { real }
  return {
    refusal: `There is no folder ${path} below those that sources.folder_roots allows, or it may not be read. Check the path, and that every server and worker sees the folder.`,
  }
}

function realFolder(path: string): string | null {
  try {
    const real = realpathSync(path)
    return statSync(real).isDirectory() ? real : null
  } catch {
    return null
  }
}
