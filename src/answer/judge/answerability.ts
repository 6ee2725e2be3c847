import type { Candidate } from '../../core/answer.ts'
import { BY_MODEL, BY_OTHER_MODEL, BY_WORDS } from './calibration.ts'
import { evidenceOf, type Calibration, type Evidence } from './evidence.ts'

export interface Judgement {
  /** How likely it is that the documents hold an answer, in [0, 1]. */
  readonly answerability: number
  readonly evidence: Evidence
}

/** Weighs the evidence in the candidates. docs/abstention.md says how it was calibrated, and how often it errs. */
export function judge(
  question: {
    readonly query: string
    readonly vector: Float32Array | null
    readonly embeddingModel: string | null
  },
  candidates: readonly Candidate[],
): Judgement {
  const evidence = evidenceOf(question, candidates)
  if (candidates.length === 0) return { answerability: 0, evidence }
  const calibration = calibrationFor(question.vector === null ? null : question.embeddingModel)
  const sum =
    calibration.bias +
    calibration.coverage * evidence.coverage +
    calibration.known * evidence.known +
    calibration.similarity * (evidence.similarity ?? 0) +
    calibration.margin * (evidence.margin ?? 0)
  return { answerability: 1 / (1 + Math.exp(-sum)), evidence }
}

function calibrationFor(embeddingModel: string | null): Calibration {
  if (embeddingModel === null) return BY_WORDS
  return BY_MODEL[embeddingModel] ?? BY_OTHER_MODEL
}
