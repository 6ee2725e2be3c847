import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TenantBlobs } from '../core/ports/tenant-erasures.ts'

const TENANT = /^[A-Za-z0-9_-]{1,80}$/
const SHA256 = /^[0-9a-f]{64}$/
const READ_BYTES = 262_144

/** What blob-directory.ts keeps under `folder`, drafts of interrupted writes included. */
export function createTenantBlobs(folder: string): TenantBlobs {
  return {
    async open(tenantId, sha256) {
      if (!SHA256.test(sha256)) throw new TypeError('A blob is named by 64 hex digits.')
      const path = join(placeOf(folder, tenantId), sha256.slice(0, 2), sha256)
      const file = await stat(path).catch(nullWhenMissing)
      return file && { bytes: file.size, content: read(path) }
    },
    async count(tenantId) {
      const files = await filesOf(placeOf(folder, tenantId))
      const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
      return { blobs: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
    },
    async deleteAll(tenantId) {
      await rm(placeOf(folder, tenantId), { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Opened when it is first asked for, so that nothing is left open where it never is. */
async function* read(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>
}

function placeOf(folder: string, tenantId: string): string {
  if (!TENANT.test(tenantId)) throw new TypeError('This is no id of a tenant.')
  return join(folder, tenantId)
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    return nullWhenMissing(error) ?? []
  }
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
