/** How an answer's passages are found and chosen. Every number here was measured or says why it is so. */
export interface RetrievalSettings {
  /**
   * How many chunks each of the two searches may give. A vector index walks as far as 40 at once (hnsw.ef_search), and a
   * search's time grows with what its candidates carry; bench/results/fusion.json has what 25, 50 and 100 give.
   */
  readonly candidates: number
  /**
   * The constant of reciprocal rank fusion, and the weights, chosen on four collections together (bench/tune-fusion.ts):
   * none is then searched worse than by the better of its two searches.
   */
  readonly fusionK: number
  readonly denseWeight: number
  readonly lexicalWeight: number
  /** Jaccard similarity of three-word shingles, in [0, 1], from which two chunks count as one. */
  readonly nearDuplicateThreshold: number
  /** 1 chooses by relevance alone, 0 by difference alone. */
  readonly mmrLambda: number
  /** How many passages an answer may draw on. */
  readonly maxChunks: number
  /** What the passages may take up together, in the embedding model's tokens. */
  readonly contextTokens: number
  /** Below this answerability, in [0, 1], the answer is that the documents do not say; 0 never abstains. */
  readonly abstainBelow: number
  /** What of the conversation is kept, newest first, in the embedding model's tokens. */
  readonly historyTokens: number
  readonly maxQuestionCharacters: number
}

export const DEFAULT_RETRIEVAL_SETTINGS: RetrievalSettings = {
  candidates: 40,
  fusionK: 2,
  denseWeight: 0.75,
  lexicalWeight: 1,
  nearDuplicateThreshold: 0.8,
  mmrLambda: 0.9,
  maxChunks: 8,
  contextTokens: 3000,
  abstainBelow: 0.5,
  historyTokens: 2000,
  maxQuestionCharacters: 8000,
}
