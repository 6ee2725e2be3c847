import type { Candidate } from '../../core/answer.ts'
import { cosine } from '../cosine.ts'
import { contentTermsOf, coverage, rarityIn, termsOf } from '../words.ts'

/** What speaks for the documents holding an answer; each in about [0, 1]. */
export interface Evidence {
  /** The nearest candidate's cosine; null in a store without embeddings. */
  readonly similarity: number | null
  /** How far the nearest is ahead of the next nine; null likewise. */
  readonly margin: number | null
  /** The question's content terms, weighted by rarity, in the one candidate that has most of them. */
  readonly coverage: number
  /** Share of the question's content terms that some candidate has at all. */
  readonly known: number
}

/** Coefficients of a logistic regression over the evidence. */
export interface Calibration {
  readonly bias: number
  readonly coverage: number
  readonly known: number
  readonly similarity: number
  readonly margin: number
}

const NEXT = 9
// The words of more chunks than these are not worth their milliseconds.
const READ = 50

/** Of the candidates, best first. */
export function evidenceOf(
  question: { readonly query: string; readonly vector: Float32Array | null },
  candidates: readonly Candidate[],
): Evidence {
  const wanted = contentTermsOf(question.query)
  const termSets = candidates
    .slice(0, READ)
    .map(({ text, context }) => new Set(termsOf(`${context}\n${text}`)))
  const rarity = rarityIn(termSets)
  const covered = termSets.map((terms) => coverage(wanted, terms, rarity))
  const known = wanted.filter((term) => termSets.some((terms) => terms.has(term))).length
  const similarities = candidates
    .map((candidate) => similarityOf(candidate, question.vector))
    .filter((similarity) => similarity !== null)
    .sort((left, right) => right - left)
  const [nearest = null, ...others] = similarities
  return {
    similarity: nearest,
    margin: nearest === null ? null : nearest - mean(others.slice(0, NEXT), 0),
    coverage: Math.max(0, ...covered),
    known: wanted.length === 0 ? 0 : known / wanted.length,
  }
}

/** Exact where the vectors are at hand, for a chunk that only words found as well. */
function similarityOf(candidate: Candidate, vector: Float32Array | null): number | null {
  if (vector !== null && candidate.vector !== null) return cosine(vector, candidate.vector)
  return candidate.similarity
}

function mean(values: readonly number[], none: number): number {
  return values.length === 0 ? none : values.reduce((sum, value) => sum + value, 0) / values.length
}
