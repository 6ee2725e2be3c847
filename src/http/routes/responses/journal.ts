/**
 * How a response was written, so that it can be told again event by event: with the response itself, whose texts it
 * only measures, it gives the same events under the same numbers.
 */
export interface Journal {
  /** Who was to answer; the response may say who did. */
  readonly model: string
  readonly steps: JournalStep[]
}

export type JournalStep =
  /** So many UTF-16 units of text. */
  | { readonly text: number }
  /** So many units of the arguments of the call at this place among the calls. */
  | { readonly call: number; readonly arguments: number }
  | 'call'
  | 'cite'
  /** Told when the search was done. */
  | { readonly warnings: readonly string[] }
