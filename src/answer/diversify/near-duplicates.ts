import type { RankedChunk } from '../../core/answer.ts'
import type { Choice, Dropped } from '../choice.ts'
import { cosine } from '../cosine.ts'
import { isNumber, jaccard, termsOf } from '../words.ts'

const SHINGLE_WORDS = 3
// Same words in nearly the same order are never this far apart in any embedding space worth having.
const COSINE_FLOOR = 0.8
const OVERLAP = 0.5
const NEGATIONS = new Set(
  'not no never none neither nor without cannot nicht kein keine keinen keiner nie niemals ohne'.split(
    ' ',
  ),
)

interface Fingerprint {
  readonly shingles: ReadonlySet<string>
  /** Numbers and negations in order: two reports of two quarters are not one text. */
  readonly facts: string
}

/**
 * Leaves out what a better chunk already says: a span of the same document that shares more than half its bytes,
 * or a text whose three-word shingles are nearly the same (Broder 1997) with the same numbers and negations.
 */
export function dropNearDuplicates<Chunk extends RankedChunk>(
  chunks: readonly Chunk[],
  options: {
    readonly threshold: number
    /** What comes after this many is not looked at. */
    readonly limit: number
  },
): Choice<Chunk> {
  // Only chunks that are near one another are read at all: with vectors, hardly any.
  const prints = new Map<string, Fingerprint>()
  const printOf = (chunk: RankedChunk) => {
    const print = prints.get(chunk.chunkId) ?? fingerprint(chunk.text)
    prints.set(chunk.chunkId, print)
    return print
  }
  const saysTheSame = (left: RankedChunk, right: RankedChunk) =>
    mayBeAlike(left, right) && areAlike(printOf(left), printOf(right), options.threshold)

  const kept: Chunk[] = []
  const dropped: Dropped[] = []
  for (const chunk of chunks) {
    if (kept.length === options.limit) {
      dropped.push({ chunkId: chunk.chunkId, reason: `not among the best ${options.limit}` })
      continue
    }
    const overlapped = kept.find((other) => sharesBytes(chunk, other))
    const repeated = overlapped ?? kept.find((other) => saysTheSame(chunk, other))
    if (repeated === undefined) kept.push(chunk)
    else {
      const what = overlapped === undefined ? 'near-duplicate of' : 'overlaps'
      dropped.push({ chunkId: chunk.chunkId, reason: `${what} ${repeated.chunkId}` })
    }
  }
  return { kept, dropped }
}

function sharesBytes(left: RankedChunk, right: RankedChunk): boolean {
  if (left.fileId !== right.fileId || left.vectorStoreId !== right.vectorStoreId) return false
  const shared = Math.min(left.end, right.end) - Math.max(left.start, right.start)
  const shorter = Math.min(left.end - left.start, right.end - right.start)
  return shared > shorter * OVERLAP
}

function mayBeAlike(left: RankedChunk, right: RankedChunk): boolean {
  const shorter = Math.min(left.text.length, right.text.length)
  if (shorter < Math.max(left.text.length, right.text.length) / 2) return false
  return left.vector === null || right.vector === null
    ? true
    : cosine(left.vector, right.vector) >= COSINE_FLOOR
}

function areAlike(left: Fingerprint, right: Fingerprint, threshold: number): boolean {
  return left.facts === right.facts && jaccard(left.shingles, right.shingles) >= threshold
}

function fingerprint(text: string): Fingerprint {
  const terms = termsOf(text)
  const shingles = new Set<string>()
  const length = Math.min(SHINGLE_WORDS, terms.length)
  for (let start = 0; start + length <= terms.length && length > 0; start++) {
    shingles.add(terms.slice(start, start + length).join(' '))
  }
  const facts = terms.filter((term) => isNumber(term) || NEGATIONS.has(term)).join(' ')
  return { shingles, facts }
}
