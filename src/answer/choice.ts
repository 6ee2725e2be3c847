/** What a choosing stage did: what goes on, in order, and why each of the others does not. */
export interface Choice<Chunk> {
  readonly kept: readonly Chunk[]
  readonly dropped: readonly Dropped[]
}

export interface Dropped {
  readonly chunkId: string
  /** For the trace: `near-duplicate of <chunkId>`, `over the token budget`… */
  readonly reason: string
}
