import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TenantBlobs } from '../core/ports/tenant-erasures.ts'

const TENANT = /^[A-Za-z0-9_-]{1,80}$/

/** What blob-directory.ts keeps under `folder`, drafts of interrupted writes included. */
export function createTenantBlobs(folder: string): TenantBlobs {
  return {
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
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
