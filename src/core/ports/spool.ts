import type { HashedContent } from './object-store.ts'

/** What came in and is not kept yet. */
export interface SpooledContent extends HashedContent {
  /** It is no longer needed. */
  discard(): Promise<void>
}

/** Takes content in piece by piece: its hash, by which it is kept, is only known at its end. */
export interface Spool {
  /** Rejects with what the content rejects with, and has then kept nothing. */
  take(content: AsyncIterable<Uint8Array>): Promise<SpooledContent>
}
