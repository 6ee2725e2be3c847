/** What a request shows of who sends it; nothing of its body, which is not read yet. */
export interface Presented {
  /** The value of the Authorization header. */
  readonly authorization: string | undefined
  readonly method: string
  /** The path with its query, as it was sent. */
  readonly url: string
  /** Names in lower case; `cookie` is among them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The peer's IP address; null on a Unix socket. */
  readonly address: string | null
}

/** The token of `Authorization: Bearer …`; null when there is none. */
export function bearerOf({ authorization }: Pick<Presented, 'authorization'>): string | null {
  return /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1] ?? null
}
