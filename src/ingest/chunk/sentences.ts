import { trimRange } from './range.ts'
import type { Range } from './range.ts'

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

const PARAGRAPH_BREAK = /\n[^\S\n]*\n|\r\n[^\S\n]*\r\n/gu
// To the segmenter every line end ends a sentence; inside a paragraph it is where the page was narrow.
const LINE_END = /[\n\r\u0085\u2028\u2029]/gu

// A full stop behind one of these belongs to the word. Unicode's rules know no abbreviations.
const ABBREVIATIONS = new Set(
  (
    'mr mrs ms dr prof rev hon st jr sr gen col capt lt sgt gov sen rep pres ' +
    'vs e.g i.e cf viz approx ca etc al no nos vol fig figs eq eqs sec sect ch pp ed eds ' +
    'inc ltd corp co dept est jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k u.n a.m p.m ph.d ' +
    'z.b d.h u.a o.ä bzw bspw usw evtl ggf vgl nr abs art str hr fr inkl exkl mio mrd jh'
  ).split(' '),
)
const LAST_WORD = /(?<word>[\p{L}\p{N}.]+)\.\s*$/u
const INITIAL = /^(?:\p{Lu}\.)*\p{Lu}$/u
// `3. Oktober`, `1. Introduction`
const ORDINAL = /^\d{1,2}$/u

/** The sentences of a stretch of prose, without the blanks around them. */
export function splitSentences(text: string, range: Range): Range[] {
  const sentences: Range[] = []
  for (const paragraph of splitParagraphs(text, range)) {
    let start = paragraph.start
    const prose = text.slice(paragraph.start, paragraph.end).replace(LINE_END, ' ')
    for (const { segment, index } of segmenter.segment(prose)) {
      const end = paragraph.start + index + segment.length
      if (end < paragraph.end && endsInAbbreviation(segment)) continue
      push(start, end)
      start = end
    }
    push(start, paragraph.end)
  }
  return sentences

  function push(start: number, end: number): void {
    const sentence = trimRange(text, { start, end })
    if (sentence !== null) sentences.push(sentence)
  }
}

function splitParagraphs(text: string, range: Range): Range[] {
  const paragraphs: Range[] = []
  let start = range.start
  for (const found of text.slice(range.start, range.end).matchAll(PARAGRAPH_BREAK)) {
    const end = range.start + found.index
    paragraphs.push({ start, end })
    start = end + found[0].length
  }
  paragraphs.push({ start, end: range.end })
  return paragraphs
}

function endsInAbbreviation(sentence: string): boolean {
  // The longest abbreviation is far shorter: a pattern anchored at the end must not scan a whole page.
  const word = LAST_WORD.exec(sentence.slice(-24))?.groups?.['word']
  if (word === undefined) return false
  return INITIAL.test(word) || ORDINAL.test(word) || ABBREVIATIONS.has(word.toLowerCase())
}
