import {
  HALF_LIVES_REMEMBERED,
  highestLevel,
  type PenaltySettings,
} from '../core/ports/rate-counters.ts'

export interface Penalty {
  /** As it was at `at`; milliseconds of the same clock. */
  readonly level: number
  readonly at: number
  readonly until: number
}

/** What is left of the level by now. */
export function levelOf(
  { level, at }: Penalty,
  now: number,
  { halfLifeMs }: PenaltySettings,
): number {
  const halfLives = (now - at) / halfLifeMs
  return halfLives >= HALF_LIVES_REMEMBERED ? 0 : level * 2 ** -halfLives
}

/** After one more refusal. */
export function raisePenalty(
  penalty: Penalty | null,
  now: number,
  settings: PenaltySettings,
): Penalty {
  const before = penalty === null ? 0 : levelOf(penalty, now, settings)
  const level = Math.min(highestLevel(settings), before + 1)
  return { level, at: now, until: now + penaltyMs(level, settings) }
}

export function penaltyMs(level: number, { baseMs, longestMs }: PenaltySettings): number {
  // A level below one, which only decay makes, would be a negative time.
  return Math.ceil(Math.max(0, Math.min(longestMs, baseMs * (2 ** (level - 1) - 1))))
}
