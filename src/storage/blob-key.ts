const TENANT = /^[A-Za-z0-9_-]{1,80}$/
const SHA256 = /^[0-9a-f]{64}$/
const KEY = /^([A-Za-z0-9_-]{1,80})\/([0-9a-f]{2})\/([0-9a-f]{64})(\.[\w-]+)?$/

/** `<tenant>/<first two digits>/<SHA-256>`: no folder, and no prefix of a bucket, gets crowded. */
export function blobKey(tenantId: string, sha256: string): string {
  if (!SHA256.test(sha256)) throw new TypeError('A blob is named by 64 hex digits.')
  return `${tenantPrefix(tenantId)}${sha256.slice(0, 2)}/${sha256}`
}

export function tenantPrefix(tenantId: string): string {
  if (!TENANT.test(tenantId))
    throw new TypeError('A tenant id may hold letters, digits, _ and - only.')
  return `${tenantId}/`
}

export interface ReadKey {
  readonly tenantId: string
  readonly sha256: string
  /** What an interrupted write has left. */
  readonly isDraft: boolean
}

/** Null for what was never written by us. */
export function readBlobKey(key: string): ReadKey | null {
  const [, tenantId = '', shard, sha256 = '', draft] = KEY.exec(key) ?? []
  if (shard === undefined || !sha256.startsWith(shard)) return null
  return { tenantId, sha256, isDraft: draft !== undefined }
}
