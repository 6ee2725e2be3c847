/** The part of its tenant that a key for certain vector stores is held to. */
export interface Reach {
  readonly keyId: string
  readonly vectorStoreIds: readonly string[]
}
