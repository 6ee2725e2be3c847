/** Original files and extracted texts, by tenant and SHA-256 (hex) of their content. */
export interface BlobStore {
  /** Durable when it resolves (synced to disk). Putting the same content again costs nothing. */
  put(tenantId: string, sha256: string, content: Uint8Array): Promise<void>
  /** Null when there is none. The content is checked against its hash. */
  get(tenantId: string, sha256: string): Promise<Buffer | null>
  /** Those who share a blob ask outside any transaction: see `Files.delete`. */
  delete(tenantId: string, sha256: string): Promise<void>
}
