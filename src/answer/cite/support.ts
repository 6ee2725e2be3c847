import type { RankedChunk } from '../../core/answer.ts'
import { sentencesOf } from '../sentences.ts'
import { contentTermsOf, coverage, isNumber, rarityIn, termsOf } from '../words.ts'

/** Where in a passage a claim is borne out; offsets in UTF-16 code units of the passage's text. */
export interface Support {
  readonly start: number
  readonly end: number
  /** 1 for the claim's very words, else the share of its meaning that the sentences hold; in [0, 1]. */
  readonly score: number
  /** The same before wrong numbers count against it: a claim may join two passages' numbers. */
  readonly coverage: number
}

const WINDOW = 3
// A further sentence must add this much of the claim, or the shorter quotation is the better one.
const COST_OF_A_SENTENCE = 0.1
// A number in the claim that the sentence does not have: probably another quarter, another item.
const WRONG_NUMBER = 0.4

/** Finds the sentences of the passage that best support the claim; null when it has no text at all. */
export function findSupport(
  claim: { readonly sinceMarker: string; readonly sentence: string; readonly question: string },
  chunk: Pick<RankedChunk, 'text'>,
): Support | null {
  const verbatim =
    findVerbatim(claim.sinceMarker, chunk.text) ?? findVerbatim(claim.sentence, chunk.text)
  if (verbatim !== null) return verbatim

  const sentences = sentencesOf(chunk.text)
  const terms = sentences.map(({ start, end }) => new Set(termsOf(chunk.text.slice(start, end))))
  const rarity = rarityIn(terms)
  const claimed = claimTerms(claim)
  let best: (Support & { readonly net: number }) | null = null
  for (const [first, { start }] of sentences.entries()) {
    let present: ReadonlySet<string> = new Set()
    for (const [further, { end }] of sentences.slice(first, first + WINDOW).entries()) {
      present = present.union(terms[first + further] ?? new Set())
      const covered = coverage(claimed, present, rarity)
      const score = covered * numbersBorneOut(claimed, present)
      const net = score - COST_OF_A_SENTENCE * further
      if (best === null || net > best.net) best = { start, end, score, coverage: covered, net }
    }
  }
  return best
}

/** 1 when the claim's numbers are all there, down to a fraction when none is. */
function numbersBorneOut(claimed: readonly string[], present: ReadonlySet<string>): number {
  const numbers = claimed.filter(isNumber)
  const missing = numbers.filter((number) => !present.has(number)).length
  return numbers.length === 0 ? 1 : 1 - (1 - WRONG_NUMBER) * (missing / numbers.length)
}

/** "Yes" claims nothing by itself: it stands for what was asked. */
function claimTerms(claim: { readonly sentence: string; readonly question: string }): string[] {
  const terms = contentTermsOf(claim.sentence)
  return terms.length >= 2 ? terms : [...new Set([...terms, ...contentTermsOf(claim.question)])]
}

/** The claim's very words, whatever the blanks between them; references like [12] inside are overlooked. */
function findVerbatim(claim: string, text: string): Support | null {
  const wanted = squeeze(claim.replace(/^\s*(?:```|~~~)[^\n]*\n|\n(?:```|~~~)\s*$/g, ''))
  // One or two words prove nothing by standing somewhere.
  if (wanted.text.length < 12) return null
  const squeezed = squeeze(text)
  const at = squeezed.text.indexOf(wanted.text)
  if (at === -1) return null
  const start = squeezed.places[at]
  const last = squeezed.places[at + wanted.text.length - 1]
  if (start === undefined || last === undefined) return null
  return { start, end: last + 1, score: 1, coverage: 1 }
}

/** Without blanks and bracketed numbers, and where each remaining code unit was. */
function squeeze(text: string): { readonly text: string; readonly places: readonly number[] } {
  const places: number[] = []
  let squeezed = ''
  const blanks = /\s+|\[[\d\s,;–-]{1,12}\]|【\d{1,3}】/g
  let from = 0
  const copy = (end: number) => {
    for (let place = from; place < end; place++) places.push(place)
    squeezed += text.slice(from, end)
  }
  for (const match of text.matchAll(blanks)) {
    copy(match.index)
    from = match.index + match[0].length
  }
  copy(text.length)
  return { text: squeezed, places }
}
