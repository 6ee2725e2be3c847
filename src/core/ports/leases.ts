/** Things that may be held so many at a time: answers that stream, sessions. What its holder forgets ends by itself. */
export interface Leases {
  /** Whether it is held now; false where `limit` others of the same key are. Taking what is held renews it. */
  take(lease: Lease, limit: number): Promise<boolean>
  /** For `ttlMs` from now. What was lost meanwhile is held again. */
  renew(lease: Lease): Promise<void>
  release(lease: Pick<Lease, 'holder' | 'key'>): Promise<void>
}

export interface Lease {
  /** What is held together: `streams:key:key_1`. */
  readonly key: string
  /** Who holds this one of them. */
  readonly holder: string
  readonly ttlMs: number
}
