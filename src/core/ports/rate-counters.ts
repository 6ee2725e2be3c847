/** One limit on one thing: at most `limit` in any `windowMs`, wherever the window begins. */
export interface RateScope {
  /** What is counted together: `key:key_1:requests`. */
  readonly key: string
  readonly limit: number
  readonly windowMs: number
  /** Whether going over it again and again lengthens the wait. */
  readonly penalised: boolean
}

export interface RateStanding {
  /** Still free now; 0 while a penalty runs. */
  readonly remaining: number
  /** Until there is more of it; null where nothing is used. */
  readonly moreInMs: number | null
  /** Until this scope would allow what it refused; 0 where it refused nothing. */
  readonly waitMs: number
}

export interface RateDecision {
  readonly allowed: boolean
  /** In the order of the scopes. */
  readonly standings: readonly RateStanding[]
}

/** Counts in sliding windows. */
export interface RateCounters {
  /** Takes `cost` from every scope or from none: what one refuses costs nothing in the others. */
  take(scopes: readonly RateScope[], cost?: number): Promise<RateDecision>
}

/**
 * How refusals add up. Each raises the scope's level by one, to at most the one with the longest penalty; the level halves
 * every `halfLifeMs`. From a refusal on, the scope is closed for `baseMs × (2^(level − 1) − 1)`: nothing for the first, then
 * ever longer. What is refused while it is closed raises nothing.
 */
export interface PenaltySettings {
  readonly baseMs: number
  readonly halfLifeMs: number
  /** 0 for no penalties. */
  readonly longestMs: number
}

/** After so many half-lives nothing is left of a level. */
export const HALF_LIVES_REMEMBERED = 8

/** A window is counted in so many slots: the slot that a request fell in leaves as a whole, so never too early. */
export const SLOTS_IN_A_WINDOW = 1_000

/** The level beyond which a penalty cannot grow. */
export function highestLevel({ baseMs, longestMs }: PenaltySettings): number {
  return 1 + Math.log2(1 + longestMs / baseMs)
}
