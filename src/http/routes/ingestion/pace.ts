import type { IngestProgress } from '../../../core/ports/documents.ts'

/** Seconds to go, from the pace between the first and the latest look; null until there is one. */
export type EstimateSecondsLeft = (of: string, progress: IngestProgress) => number | null

interface Sample {
  readonly at: number
  readonly bytes: number
}

const MOST_WATCHED = 1_000
/** An older look says little about the pace of today. */
const FORGOTTEN_AFTER_MS = 600_000

/** Keeps where each watched load stood when it was first looked at: a guess that a restart may forget. */
export function createPace(now: () => number = Date.now): EstimateSecondsLeft {
  const first = new Map<string, Sample>()
  return (of, { bytes }) => {
    const left = bytes.total - bytes.done
    if (left <= 0) {
      first.delete(of)
      return 0
    }
    const sample = first.get(of)
    const at = now()
    if (sample === undefined || at - sample.at > FORGOTTEN_AFTER_MS || bytes.done < sample.bytes) {
      first.delete(of)
      first.set(of, { at, bytes: bytes.done })
      const oldest = first.size > MOST_WATCHED ? first.keys().next().value : undefined
      if (oldest !== undefined) first.delete(oldest)
      return null
    }
    const done = bytes.done - sample.bytes
    return done === 0 ? null : Math.ceil((left * (at - sample.at)) / done / 1000)
  }
}
