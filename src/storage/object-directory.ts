import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, opendir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Content, ObjectStore, StoredObject } from '../core/ports/object-store.ts'

/** Objects as files: the key is the path below `folder`. What an interrupted write leaves is `<key>.<uuid>`. */
export function createObjectDirectory(folder: string): ObjectStore {
  return {
    async write(key, content, signal) {
      const path = pathOf(folder, key)
      const draft = `${path}.${randomUUID()}`
      const { file, made } = await openDraft(draft)
      try {
        await writeDurably(file, content, signal)
        await rename(draft, path)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
      // A name is durable only when its folder is, and so is that of every folder just made.
      for (let synced = dirname(path); ; synced = dirname(synced)) {
        await syncFolder(synced)
        if (made === undefined || synced === dirname(made)) break
      }
    },
    find: (key) => describe(pathOf(folder, key), key),
    async open(key, range) {
      const file = await open(pathOf(folder, key), 'r').catch(nullWhenMissing)
      if (file === null) return null
      try {
        const { size, mtimeMs, ino } = await file.stat()
        // An end before the beginning would be read as if there were none.
        if (range !== undefined && range.start >= range.end) throw new RangeError('An empty range.')
        const part = range === undefined ? {} : { start: range.start, end: range.end - 1 }
        const content = createReadStream('', { fd: file, ...part, highWaterMark: 65_536 })
        return { bytes: size, version: versionOf({ size, mtimeMs, ino }), content }
      } catch (error) {
        await file.close()
        throw error
      }
    },
    async delete(key) {
      const path = pathOf(folder, key)
      await rm(path, { force: true })
      // The names of folders tell of what was there: they go with the last that is in them.
      for (let above = dirname(path); above !== folder; above = dirname(above)) {
        if (!(await rmdir(above).then(yes, no))) break
      }
    },
    list: (prefix) => walk(folder, prefix),
  }
}

async function* walk(folder: string, prefix: string): AsyncGenerator<StoredObject> {
  // As far down as the prefix names whole folders.
  const from = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const entries = await opendir(join(folder, from), { recursive: true }).catch(nullWhenMissing)
  if (entries === null) return
  for await (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const key = relative(folder, path).replaceAll('\\', '/')
    if (!key.startsWith(prefix)) continue
    const found = await describe(path, key)
    if (found !== null) yield found
  }
}

async function describe(path: string, key: string): Promise<StoredObject | null> {
  const found = await stat(path).catch(nullWhenMissing)
  if (found === null) return null
  return { key, bytes: found.size, version: versionOf(found), modifiedAt: found.mtime }
}

const versionOf = (of: { size: number; mtimeMs: number; ino: number }) =>
  `${of.ino}-${of.size}-${of.mtimeMs}`

function pathOf(folder: string, key: string): string {
  const isWhole = key.split('/').every((part) => /^[\w-][\w.-]*$/.test(part))
  if (!isWhole) throw new TypeError('A key holds names between slashes.')
  return join(folder, key)
}

const yes = () => true
const no = () => false

/** Its folder may go, with the last file in it, between being made and being used. */
async function openDraft(
  path: string,
): Promise<{ readonly file: FileHandle; readonly made: string | undefined }> {
  let made: string | undefined
  for (;;) {
    made = (await mkdir(dirname(path), { recursive: true, mode: 0o700 })) ?? made
    const file = await open(path, 'wx', 0o600).catch(nullWhenMissing)
    if (file !== null) return { file, made }
  }
}

async function writeDurably(
  file: FileHandle,
  content: Content,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    for await (const piece of content.read()) {
      signal?.throwIfAborted()
      await file.writeFile(piece)
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
