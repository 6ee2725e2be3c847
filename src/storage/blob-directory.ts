import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobStore } from '../core/ports/blob-store.ts'

const TENANT = /^[A-Za-z0-9_-]{1,80}$/
const SHA256 = /^[0-9a-f]{64}$/

/** Blobs as files: `<folder>/<tenant>/<first two digits>/<SHA-256>`. */
export function createBlobDirectory(folder: string): BlobStore {
  return {
    async put(tenantId, sha256, content) {
      const path = pathOf(folder, tenantId, sha256)
      if ((await sizeOf(path)) === content.byteLength) return
      const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const draft = `${path}.${randomUUID()}`
      try {
        await writeDurably(draft, content)
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
    async get(tenantId, sha256) {
      const content = await readFile(pathOf(folder, tenantId, sha256)).catch(nullWhenMissing)
      if (content === null) return null
      const found = createHash('sha256').update(content).digest('hex')
      if (found !== sha256)
        throw new Error(`The blob ${sha256} is damaged: its content has the hash ${found}.`)
      return content
    },
    async delete(tenantId, sha256) {
      await rm(pathOf(folder, tenantId, sha256), { force: true })
    },
  }
}

function pathOf(folder: string, tenantId: string, sha256: string): string {
  if (!TENANT.test(tenantId))
    throw new TypeError('A tenant id may hold letters, digits, _ and - only.')
  if (!SHA256.test(sha256)) throw new TypeError('A blob is named by 64 hex digits.')
  return join(folder, tenantId, sha256.slice(0, 2), sha256)
}

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
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

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(({ size }) => size, nullWhenMissing)
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
