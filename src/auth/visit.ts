/** The request by which somebody comes, for the record and for what is made for him. */
export interface Visit {
  readonly requestId: string
  /** Null on a Unix socket. */
  readonly address: string | null
  readonly userAgent: string | null
  /** The secret of a device that was signed in from before; null for another. */
  readonly device: string | null
}
