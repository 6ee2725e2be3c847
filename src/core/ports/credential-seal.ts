/** Keeps what opens other people's places where the database may be read by others. */
export interface CredentialSeal {
  /** The place is authenticated: what was sealed for one source opens for no other. Asked outside any transaction. */
  close(text: string, place: SealedPlace): Promise<string>
  /** Throws `conflict` where the key it was sealed with is gone. */
  open(sealed: string, place: SealedPlace): Promise<string>
}

export interface SealedPlace {
  readonly tenantId: string
  readonly sourceId: string
}
