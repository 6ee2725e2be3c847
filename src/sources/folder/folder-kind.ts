import type {
  ListOptions,
  OpenSource,
  SourceItem,
  SourceKind,
} from '../../core/ports/source-kind.ts'
import { AppError } from '../../core/errors.ts'
import { allowedFolder } from './allowed-folder.ts'
import { keyFilterRefusal } from '../key-filter.ts'
import { createFolderFilter } from './folder-filter.ts'
import { folderSettings, type FolderSettings } from './folder-settings.ts'
import { readFile, versionOf } from './read-file.ts'
import { lookAt, walkFolder, type Found, type WalkedFolder } from './walk-folder.ts'
import { watchFolder } from './watch-folder.ts'

/** Files of a folder that the server sees, as far as the configuration allows it. */
export function createFolderKind({
  roots,
  maxFileBytes,
}: {
  /** Absolute. */
  readonly roots: readonly string[]
  readonly maxFileBytes: number
}): SourceKind<FolderSettings, null> {
  return {
    name: 'folder',
    settings: folderSettings,
    credentials: null,
    refusal(settings) {
      const folder = allowedFolder(settings.path, roots)
      if ('refusal' in folder) return folder.refusal
      return keyFilterRefusal(settings)
    },
    open: (settings) => openFolder(settings, { roots, maxFileBytes }),
  }
}

function openFolder(
  settings: FolderSettings,
  { roots, maxFileBytes }: { readonly roots: readonly string[]; readonly maxFileBytes: number },
): OpenSource {
  const filter = createFolderFilter(settings)
  const followLinks = settings.follow_links === true
  // Looked at each time: what is a folder now may be a link by then, and the configuration another.
  const walked = (): WalkedFolder => {
    const folder = allowedFolder(settings.path, roots)
    if ('refusal' in folder) throw new AppError('resource_not_found', folder.refusal)
    return { root: folder.real, filter, followLinks }
  }

  return {
    async *list({ keys, signal }: ListOptions) {
      const folder = walked()
      if (keys !== null) return yield* named(folder, keys, signal)
      for await (const found of walkFolder(folder, signal)) yield itemOf(folder, found)
    },
    ...(settings.watch === false
      ? {}
      : { changes: (signal: AbortSignal) => watchFolder(walked, signal) }),
    close: async () => undefined,
  }

  async function* named(
    folder: WalkedFolder,
    keys: readonly string[],
    signal: AbortSignal,
  ): AsyncIterable<SourceItem> {
    for (const key of keys) {
      signal.throwIfAborted()
      const found = isPlain(key) && isEntered(folder, key) ? await lookAt(folder, key) : null
      yield found === null || found.type === 'folder'
        ? { type: 'gone', key }
        : itemOf(folder, found)
    }
  }

  function itemOf(folder: WalkedFolder, found: Found): SourceItem {
    const key = found.path
    if (found.type !== 'file') return { type: found.type, key, reason: found.reason }
    const { size } = found.stats
    if (size > maxFileBytes) {
      const reason = `It has ${size} bytes; ${maxFileBytes} are allowed. Split it, or raise ingest.max_file_bytes.`
      return { type: 'skipped', key, reason }
    }
    return {
      type: 'document',
      key,
      version: versionOf(found.stats),
      bytes: size,
      read: () => readFile(folder, key, maxFileBytes),
    }
  }
}

/** A path within the folder, as listings spell it. */
const isPlain = (key: string) =>
  key !== '' &&
  !key.includes('\0') &&
  !key.split('/').some((part) => ['', '.', '..'].includes(part))

/** Whether a whole listing would have come by it. */
function isEntered({ filter }: WalkedFolder, key: string): boolean {
  const parts = key.split('/').slice(0, -1)
  return parts.every((_, index) => filter.enters(parts.slice(0, index + 1).join('/')))
}
