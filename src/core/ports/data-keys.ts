export interface MasterKeyUse {
  readonly id: string
  /** So many tenants' keys are wrapped by it. */
  readonly tenants: number
  readonly role: 'current' | 'previous' | 'unknown'
}

/** The keys that tenants' files are encrypted with, each wrapped by a master key. */
export interface DataKeys {
  /** Made for a tenant that has none. Asked outside any transaction; whoever asks again soon gets it at once. */
  of(tenantId: string): Promise<Buffer>
  /** What is held in memory goes; the rest goes with the tenant's rows. */
  forget(tenantId: string): void
  /** Whatever an earlier master key has wrapped is wrapped by the current one. Again is nothing. */
  rewrap(signal?: AbortSignal): Promise<{
    readonly rewrapped: number
    readonly masterKeys: readonly MasterKeyUse[]
  }>
  uses(): Promise<readonly MasterKeyUse[]>
}
