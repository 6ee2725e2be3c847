import { AppError } from '../core/errors.ts'

/** Of whom it is known what he claimed to be, though he was not believed. */
export interface Claimed {
  /** The key's id, or the account. */
  readonly account: string | null
  /** Null where what was claimed belongs to nobody here. */
  readonly tenantId: string | null
}

/** Credentials that were understood and are not good. */
export class Refusal extends AppError {
  readonly claimed: Claimed

  constructor(message: string, claimed: Claimed = { account: null, tenantId: null }) {
    super('unauthenticated', message)
    this.claimed = claimed
  }
}
