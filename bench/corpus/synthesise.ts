import type { Passage } from './passages.ts'

// Of the difference between two real vectors: as far apart as neighbours in a real collection are
// (cosine to the passage it was drawn from about 0.9, between two drawn from one about 0.8).
const NOISE = 0.35
const SENTENCE = new Intl.Segmenter('en', { granularity: 'sentence' })

export const HOW_SYNTHESISED =
  'The first passages are the real ones (SciFact, chunked and embedded as the product does it). Each further one is drawn from a real one: half of its sentences are replaced by sentences of others, and its vector is moved by 0.35 times the difference of two other real vectors and made unit length again, so that the noise has the covariance of real vectors.'

/** As many passages as wanted, the same for the same seed. */
export function* synthesise(
  real: readonly Passage[],
  { count, seed = 1 }: { readonly count: number; readonly seed?: number },
): Generator<Passage> {
  const random = createRandom(seed)
  const some = (): number => Math.floor(random() * real.length)
  const sentences = real.map(({ text }) =>
    Array.from(SENTENCE.segment(text), (part) => part.segment),
  )
  for (let place = 0; place < count; place += 1) {
    const passage = real[place % real.length]
    if (passage === undefined) return
    if (place < real.length) {
      yield passage
      continue
    }
    const own = sentences[place % real.length] ?? []
    const text = own.map((sentence) => {
      const other = sentences[some()] ?? []
      return random() < 0.5 ? sentence : (other[Math.floor(random() * other.length)] ?? sentence)
    })
    const [plus, minus] = [real[some()], real[some()]]
    yield {
      ...passage,
      text: text.join(''),
      vector: move(passage.vector, plus?.vector, minus?.vector),
    }
  }
}

function move(
  from: Float32Array,
  plus: Float32Array = from,
  minus: Float32Array = from,
): Float32Array {
  const moved = new Float32Array(from.length)
  let squares = 0
  for (let at = 0; at < from.length; at += 1) {
    const value = (from[at] ?? 0) + NOISE * ((plus[at] ?? 0) - (minus[at] ?? 0))
    moved[at] = value
    squares += value * value
  }
  const length = Math.sqrt(squares)
  for (let at = 0; at < moved.length; at += 1) moved[at] = (moved[at] ?? 0) / length
  return moved
}

/** Mulberry32: small, even, and the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}
