// Written by bench/calibrate-abstention.ts: not to be edited by hand.
import type { Calibration } from './evidence.ts'

/** For a search by words alone. */
export const BY_WORDS: Calibration = {
  bias: -7.126,
  coverage: 6.15,
  known: 6.449,
  similarity: 0.0,
  margin: 0.0,
}

/** For an embedding model that is not below: it finds what words would miss, so words must not ask for much. */
export const BY_OTHER_MODEL: Calibration = {
  bias: -1.41,
  coverage: 7.404,
  known: 0.0,
  similarity: 0.0,
  margin: 0.0,
}

/** By the embedding model's id: another model's cosines lie elsewhere. */
export const BY_MODEL: Readonly<Record<string, Calibration>> = {
  'all-minilm-l6-v2-int8': {
    bias: -8.226,
    coverage: 3.924,
    known: 0.0,
    similarity: 20.85,
    margin: 0.0,
  },
}
