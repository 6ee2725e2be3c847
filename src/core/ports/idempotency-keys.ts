import type { Transaction } from './database.ts'

/** One request that is to be done once. */
export interface IdempotentWork {
  /** Method and path pattern: a key means nothing beyond its route. */
  readonly route: string
  readonly key: string
}

export interface KeptAnswer {
  readonly status: number
  readonly body: string
}

/**
 * `claimed`: it is the caller's to do. `kept`: it was done. `running`: somebody else is at it.
 * `reused`: the key came with another request.
 */
export type Claim =
  | { readonly state: 'claimed' }
  | { readonly state: 'kept'; readonly answer: KeptAnswer }
  | { readonly state: 'reused' }
  | { readonly state: 'running' }

/** Answers by key, for 24 hours. A claim that is not renewed ends by itself: whoever held it has died. */
export interface IdempotencyKeys {
  claim(
    transaction: Transaction,
    work: IdempotentWork,
    by: { readonly claim: string; readonly fingerprint: string; readonly seconds: number },
  ): Promise<Claim>
  renew(transaction: Transaction, claim: string, seconds: number): Promise<void>
  keep(transaction: Transaction, claim: string, answer: KeptAnswer): Promise<void>
  /** The work failed in a way that may pass: the next request with this key does it. */
  release(transaction: Transaction, claim: string): Promise<void>
  deleteExpired(transaction: Transaction): Promise<void>
}
