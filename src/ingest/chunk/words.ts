import type { Range } from './range.ts'

const wordSegmenter = new Intl.Segmenter('en', { granularity: 'word' })
const graphemeSegmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * A run of letters longer than this is no word of any language with spaces between its words: it is Chinese, Thai,
 * base64, or a path, and is cut at the boundaries Unicode sees in it, or failing these every so many units.
 * Not shorter: BERT's tokenizer needs 1.4 ms for 64 random letters and 0.1 ms for 256, which it does not try to read.
 */
const LONGEST_WORD = 256

/** The words of a sentence too long to stay whole; none is longer than 256 code units. */
export function splitWords(text: string, range: Range): Range[] {
  const words: Range[] = []
  for (const found of text.slice(range.start, range.end).matchAll(/\S+/gu)) {
    const start = range.start + found.index
    const word = { start, end: start + found[0].length }
    if (found[0].length <= LONGEST_WORD) words.push(word)
    else words.push(...splitRun(text, word))
  }
  return words
}

/** Both halves of a piece, cut between graphemes if it has several, else between code points; null for one code point. */
export function halve(text: string, range: Range): readonly [Range, Range] | null {
  const slice = text.slice(range.start, range.end)
  const graphemes = [...graphemeSegmenter.segment(slice)].map(({ index }) => index)
  const cuts = graphemes.length > 1 ? graphemes : codePointOffsets(slice)
  if (cuts.length < 2) return null
  const cut = range.start + (cuts[Math.floor(cuts.length / 2)] ?? 0)
  return [
    { start: range.start, end: cut },
    { start: cut, end: range.end },
  ]
}

function splitRun(text: string, run: Range): Range[] {
  const pieces: Range[] = []
  let start = run.start
  let end = run.start
  for (const { segment } of wordSegmenter.segment(text.slice(run.start, run.end))) {
    // Short neighbours stay together: `。` behind its word, the parts of a path.
    if (end > start && end + segment.length - start > LONGEST_WORD) flush()
    end += segment.length
    if (end - start > LONGEST_WORD) flush()
  }
  flush()
  return pieces

  function flush(): void {
    pieces.push(...cutToLength(text, { start, end }))
    start = end
  }
}

function cutToLength(text: string, range: Range): Range[] {
  if (range.end - range.start <= LONGEST_WORD) return range.end > range.start ? [range] : []
  const pieces: Range[] = []
  let start = range.start
  let end = range.start
  for (const { segment } of graphemeSegmenter.segment(text.slice(range.start, range.end))) {
    // A letter under a thousand accents is cut between code points, as nothing else is left.
    for (const part of segment.length <= LONGEST_WORD ? [segment] : segment) {
      if (end > start && end + part.length - start > LONGEST_WORD) {
        pieces.push({ start, end })
        start = end
      }
      end += part.length
    }
  }
  pieces.push({ start, end })
  return pieces
}

function codePointOffsets(text: string): number[] {
  const offsets: number[] = []
  let at = 0
  for (const codePoint of text) {
    offsets.push(at)
    at += codePoint.length
  }
  return offsets
}
