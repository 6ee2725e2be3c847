import { LRUCache } from 'lru-cache'
import { stemmer } from 'stemmer'
import { stopWordsFor } from './stop-words.ts'

// A number keeps its separators: 82,959 and 3.14 are one word each.
const WORD = /\p{N}+(?:[.,]\p{N}+)*|[\p{L}\p{M}\p{N}]+/gu
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u
const LATIN = /^[a-z]+$/
/** Of a word, whoever asks: a function of it alone. */
const STEMS = new LRUCache<string, string>({ max: 20_000 })
const NUMBER_WORDS = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve'
    .split(' ')
    .map((word, value) => [word, String(value)] as const)
    // "one" is a pronoun more often than a number.
    .filter(([word]) => word !== 'one'),
)

/** Lower-case words in reading order, before stemming. Scripts without spaces give pairs of characters. */
export function wordsOf(text: string): string[] {
  const found: string[] = []
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
    if (UNSPACED.test(word)) found.push(...pairsOf(word))
    else found.push(word)
  }
  return found
}

/** What two spellings of one word have in common: `running`, `runs` → `run`; `82,959` → `82959`; `three` → `3`. */
export function termOf(word: string): string {
  const number = NUMBER_WORDS.get(word)
  if (number !== undefined) return number
  if (/^\p{N}/u.test(word)) return word.replaceAll(/,(?=\p{N}{3}(?!\p{N}))/gu, '')
  return LATIN.test(word) ? stemOf(word) : word
}

/** Every question reads some fifty chunks, of much the same words: stemming them was most of that. */
function stemOf(word: string): string {
  const known = STEMS.get(word)
  if (known !== undefined) return known
  const stem = stemmer(word)
  STEMS.set(word, stem)
  return stem
}

export function termsOf(text: string): string[] {
  return wordsOf(text).map(termOf)
}

/** The terms that carry meaning, each once, in order of first mention. */
export function contentTermsOf(text: string): string[] {
  return [...new Set(contentWordsOf(text).map(termOf))]
}

/** The words that carry meaning, as written in lower case. */
export function contentWordsOf(text: string): string[] {
  const words = wordsOf(text)
  const stopWords = stopWordsFor(words)
  return words.filter((word) => !stopWords.has(word))
}

/** A term with a digit in it: it matches exactly or not at all. */
export function isNumber(term: string): boolean {
  return /\p{N}/u.test(term)
}

/**
 * How much each term tells, by how few of the texts have it (Robertson and Spärck Jones 1976, kept above 0).
 * A term that none has counts as one that a single text has.
 */
export type Rarity = (term: string) => number

export function rarityIn(texts: readonly ReadonlySet<string>[]): Rarity {
  const counts = new Map<string, number>()
  for (const terms of texts) {
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  }
  return (term) => {
    const count = counts.get(term) ?? 1
    return Math.log(1 + (texts.length - count + 0.5) / (count + 0.5))
  }
}

/** Share of the wanted terms, weighted by rarity, that is there; in [0, 1], and 0 when nothing is wanted. */
export function coverage(
  wanted: Iterable<string>,
  present: ReadonlySet<string>,
  rarity: Rarity,
): number {
  let found = 0
  let total = 0
  for (const term of wanted) {
    const weight = rarity(term)
    total += weight
    if (present.has(term)) found += weight
  }
  return total === 0 ? 0 : found / total
}

/** Size of the intersection over size of the union; 0 for two empty sets. */
export function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const common = left.intersection(right).size
  const all = left.size + right.size - common
  return all === 0 ? 0 : common / all
}

function pairsOf(word: string): string[] {
  const characters = Array.from(word)
  if (characters.length < 2) return characters
  return characters.slice(1).map((character, place) => `${characters[place]}${character}`)
}
