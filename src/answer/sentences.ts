export type SentenceKind = 'code' | 'heading' | 'item' | 'prose' | 'row'

/** The smallest piece of a passage that can stand as a quotation; offsets in UTF-16 code units, blanks trimmed. */
export interface Sentence {
  readonly kind: SentenceKind
  readonly start: number
  readonly end: number
}

interface Line {
  readonly kind: SentenceKind | 'blank' | 'fence'
  readonly start: number
  readonly end: number
}

const LONGEST = 700
const LONGEST_CODE = 500
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'sentence' })
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{Lu}|[A-Za-z]\.[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|No|Nr|Nos|vs|cf|al|approx|ca|ed|eds|est|Fig|Figs|Eq|Sec|Inc|Ltd|Co|Corp|Jr|Sr|pp|p|vol|bzw|usw|Abs|Art|z\.\s?B|d\.\s?h|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\.\s*$/u

/**
 * Sentences of prose, and what counts as one elsewhere: a list item, a table row, a heading, a few lines of code.
 * Prose that was wrapped at a fixed width is read across its line ends.
 */
export function sentencesOf(text: string): Sentence[] {
  const sentences: Sentence[] = []
  for (const run of runsOf(linesOf(text), text)) {
    if (run.kind === 'prose' || run.kind === 'item') {
      for (const piece of proseSentences(text, run)) sentences.push({ ...piece, kind: run.kind })
    } else {
      sentences.push(run)
    }
  }
  return sentences.flatMap((sentence) => cutToLength(text, sentence))
}

function linesOf(text: string): Line[] {
  const lines: Line[] = []
  let fenced = beginsInsideFence(text)
  let start = 0
  const code = looksLikeCode(text)
  for (const content of text.split('\n')) {
    const end = start + content.length
    const fence = /^\s*(?:```|~~~)/.test(content)
    lines.push({ start, end, kind: fence ? 'fence' : kindOf(content, fenced || code) })
    if (fence) fenced = !fenced
    start = end + 1
  }
  return lines
}

/**
 * Whether a passage that was cut out of a document begins in the middle of a fenced block. A fence that names a language
 * always opens; where none does, an odd number of fences means that the first one closes.
 */
function beginsInsideFence(text: string): boolean {
  const fences = [...text.matchAll(/^[ \t]*(?:```+|~~~+)[ \t]*(\S*)/gm)].map(
    ([, language]) => language,
  )
  const opening = fences.findIndex((language) => language !== '')
  return (opening === -1 ? fences.length : opening) % 2 === 1
}

function kindOf(line: string, code: boolean): Line['kind'] {
  if (line.trim() === '') return 'blank'
  if (code) return 'code'
  if (/^\s*#{1,6}\s/.test(line)) return 'heading'
  if (/^\s*(?:[-*•‣▪–+]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S/.test(line)) return 'item'
  if (looksTabular(line)) return 'row'
  return 'prose'
}

function looksTabular(line: string): boolean {
  if (/\|.*\||\S \| \S/.test(line) || /\S\t+\S/.test(line)) return true
  if (/[.!?]["')\]]?\s*$/.test(line) && !/\d[.)]?\s*$/.test(line)) return false
  const cells = line.trim().split(/\s+/)
  const numbers = cells.filter((cell) => /^[($€£]?[\d.,]+[)%]*$/.test(cell) || cell === '—').length
  return numbers >= 2 && numbers / cells.length >= 0.3
}

/** Of a whole passage without fences: most lines end or begin as only program text does. */
function looksLikeCode(text: string): boolean {
  if (/^\s*(?:```|~~~)/m.test(text)) return false
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length < 3) return false
  const code = lines.filter((line) =>
    /[;{}]\s*$|^\s*(?:\/\/|\/\*|\*\s|#include|@\w+|[)}\]]+[,;]?\s*$)|=>|::\w|^\s*(?:def|fn|pub|import|from|class|const|let|var|return|use|impl|struct)\s.*[:;({,]?$/.test(
      line,
    ),
  )
  return code.length / lines.length >= 0.4
}

/** Joins the lines that belong together: wrapped prose, an item and what hangs under it, lines of code. */
function runsOf(lines: readonly Line[], text: string): Sentence[] {
  const runs: Sentence[] = []
  let open: { kind: SentenceKind; start: number; end: number } | null = null
  let previous: Line | null = null
  for (const line of lines) {
    if (line.kind === 'blank' || line.kind === 'fence') {
      open = null
      continue
    }
    if (open !== null && previous !== null && continues(open, line, text)) {
      open.end = line.end
    } else {
      open = { kind: line.kind, start: line.start, end: line.end }
      runs.push(open)
    }
    previous = line
  }
  return runs.map((run) => trimmed(text, run))
}

function continues(
  open: { readonly kind: SentenceKind; readonly start: number; readonly end: number },
  line: Line,
  text: string,
): boolean {
  if (open.kind === 'code') {
    return line.kind === 'code' && line.end - open.start <= LONGEST_CODE
  }
  if (line.kind !== 'prose' || open.kind === 'heading' || open.kind === 'row') return false
  const before = text.slice(text.lastIndexOf('\n', open.end - 1) + 1, open.end)
  const after = text.slice(line.start, line.end)
  // A short line without a full stop before a capital was not wrapped: it ended where its author wanted.
  const wrapped = before.length >= after.length * 0.6 || before.length > 60
  return wrapped || /[.!?:;,]\s*$/.test(before) || /^\s*[\p{Ll}(]/u.test(after)
}

function proseSentences(text: string, run: Sentence): Sentence[] {
  // The segmenter takes every line end for the end of a sentence.
  const line = text.slice(run.start, run.end).replaceAll('\n', ' ')
  const pieces: { start: number; end: number }[] = []
  for (const { index, segment } of SEGMENTER.segment(line)) {
    const last = pieces.at(-1)
    if (last !== undefined && belongsTo(line.slice(last.start, last.end), segment)) {
      last.end = index + segment.length
    } else {
      pieces.push({ start: index, end: index + segment.length })
    }
  }
  return pieces
    .map(({ start, end }) => ({ kind: run.kind, start: run.start + start, end: run.start + end }))
    .map((piece) => trimmed(text, piece))
    .filter(({ start, end }) => end > start)
}

/** An abbreviation's full stop ended the piece before, or there is no word in one of them to stand alone. */
function belongsTo(before: string, segment: string): boolean {
  return (
    ABBREVIATION.test(before) ||
    /^\s*\p{Ll}/u.test(segment) ||
    !/\p{L}{2}/u.test(before) ||
    !/[\p{L}\p{N}]/u.test(segment)
  )
}

function cutToLength(text: string, sentence: Sentence): Sentence[] {
  const pieces: Sentence[] = []
  let { start } = sentence
  while (sentence.end - start > LONGEST) {
    const window = text.slice(start, start + LONGEST)
    const places = ['\n', '; ', ', ', ' '].map((mark) => window.lastIndexOf(mark))
    const place = places.find((candidate) => candidate > LONGEST / 3) ?? safeCut(window)
    pieces.push(trimmed(text, { ...sentence, start, end: start + place + 1 }))
    start += place + 1
  }
  pieces.push(trimmed(text, { ...sentence, start }))
  return pieces.filter((piece) => piece.end > piece.start)
}

/** Never between the halves of a surrogate pair. */
function safeCut(window: string): number {
  const last = window.charCodeAt(window.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? window.length - 2 : window.length - 1
}

function trimmed<Span extends { readonly start: number; readonly end: number }>(
  text: string,
  span: Span,
): Span {
  const content = text.slice(span.start, span.end)
  const start = span.start + (content.length - content.trimStart().length)
  return { ...span, start, end: Math.max(start, span.start + content.trimEnd().length) }
}
