import type { ChunkSize } from '../../core/chunk.ts'
import { SEAM } from './units.ts'
import type { Unit } from './units.ts'

/** Units [first, end) make a chunk; those before `fresh` are repeated from the chunk before. */
export interface Pack {
  readonly first: number
  readonly fresh: number
  readonly end: number
  readonly tokens: number
}

/**
 * Cuts a document's units into chunks: each takes what fits and ends at the best seam of its last two thirds.
 * A new top section always begins a new chunk; a heading is never the last of one while it has a text to go with.
 * `count` gives the tokens of units [from, to) as one text: sums only estimate what some tokenizers say of the whole.
 */
export function* packUnits(
  units: readonly Unit[],
  size: ChunkSize,
  count: (from: number, to: number) => number,
): Generator<Pack> {
  const overlapTokens = Math.min(size.overlapTokens, Math.floor(size.maxTokens / 2))
  let first = 0
  let fresh = 0
  while (fresh < units.length) {
    let budget = size.maxTokens
    first = shortenOverlap(units, { first, fresh }, budget)
    let end = chooseEnd(units, { first, fresh }, budget)
    let tokens = count(first, end)
    while (tokens > size.maxTokens && end - first > 1) {
      if (first === fresh)
        budget = Math.min(budget - 1, Math.floor((budget * size.maxTokens) / tokens))
      first = fresh
      end = chooseEnd(units, { first, fresh }, budget)
      tokens = count(first, end)
    }
    yield { first, fresh, end, tokens }
    first = overlapStart(units, { first, end }, overlapTokens)
    fresh = end
  }
}

function chooseEnd(
  units: readonly Unit[],
  { first, fresh }: { first: number; fresh: number },
  budget: number,
): number {
  const repeated = sumTokens(units, first, fresh)
  // Measured on what is new, or an overlap would let chunks creep forward sentence by sentence.
  const enough = (budget - repeated) / 3
  let taken = 0
  let best = fresh + 1
  let bestRank = -1
  for (let end = fresh; end < units.length;) {
    taken += units[end]?.tokens ?? 0
    if (end > fresh && repeated + taken > budget) return best
    end++
    const seam = units[end]?.seam ?? SEAM.topSection
    if (seam === SEAM.topSection) return end
    const rank = rankOf(seam, taken >= enough)
    if (rank >= bestRank) {
      best = end
      bestRank = rank
    }
  }
  return units.length
}

/** Behind a heading is the worst place; too early a place is worse than any late one, and better the later it is. */
function rankOf(seam: number, isLate: boolean): number {
  if (seam === SEAM.afterHeading) return 0
  return isLate ? seam + 1 : 1
}

/** Where the next chunk begins: whole sentences of the same section, or words where not one sentence fits. */
function overlapStart(
  units: readonly Unit[],
  { first, end }: { first: number; end: number },
  overlapTokens: number,
): number {
  const next = units[end]
  if (next === undefined || !isRepeatable(next)) return end
  let start = end
  let tokens = 0
  while (start - 1 > first) {
    const unit = units[start - 1]
    if (unit === undefined || !isRepeatable(unit) || unit.section !== next.section) break
    tokens += unit.tokens
    if (tokens > overlapTokens) break
    start--
  }
  let whole = start
  while (whole < end && units[whole]?.seam === SEAM.word) whole++
  return whole < end ? whole : start
}

/** A heading begins anew; a table's rows stand alone, under the header that their context repeats. */
function isRepeatable(unit: Unit): boolean {
  return unit.kind !== 'heading' && unit.kind !== 'table'
}

function shortenOverlap(
  units: readonly Unit[],
  { first, fresh }: { first: number; fresh: number },
  maxTokens: number,
): number {
  let start = first
  let tokens = sumTokens(units, first, fresh + 1)
  while (start < fresh && tokens > maxTokens) {
    tokens -= units[start]?.tokens ?? 0
    start++
  }
  return start
}

function sumTokens(units: readonly Unit[], from: number, to: number): number {
  let tokens = 0
  for (let at = from; at < to; at++) tokens += units[at]?.tokens ?? 0
  return tokens
}
