import type { ByteRange, Content } from './object-store.ts'

/** Original files and extracted texts, by tenant and SHA-256 (hex) of their content. */
export interface BlobStore {
  /**
   * Durable when it resolves. Putting the same content again costs nothing. Content that is not what the hash says is
   * refused.
   */
  put(tenantId: string, sha256: string, content: Content | Uint8Array): Promise<void>
  /** Null when there is none. Throws `content_damaged`. */
  get(tenantId: string, sha256: string): Promise<Buffer | null>
  /**
   * The same piece by piece. Not a byte of it is given before it was checked; where what comes later turns out to be
   * damaged, the content ends with `content_damaged`.
   */
  open(tenantId: string, sha256: string, range?: ByteRange): Promise<OpenBlob | null>
  /** Those who share a blob ask outside any transaction: see `Files.delete`. */
  delete(tenantId: string, sha256: string): Promise<void>
}

export interface OpenBlob {
  /** Of the whole blob. */
  readonly bytes: number
  readonly content: AsyncIterable<Uint8Array>
}
