import type { Block, BlockKind, ParsedDocument } from '../../core/document.ts'
import type { Tokenizer } from '../../core/ports/embedding-model.ts'
import { splitItems, splitLines } from './lines.ts'
import { levelOf, outlineOf } from './outline.ts'
import type { Section } from './outline.ts'
import { trimRange } from './range.ts'
import type { Range } from './range.ts'
import { splitSentences } from './sentences.ts'
import { halve, splitWords } from './words.ts'

/** How good a place for a cut is, from worst to best; a deeper heading is worse than an outer one. */
export const SEAM = {
  afterHeading: 0,
  word: 1,
  sentence: 2,
  block: 3,
  heading: 100,
  topSection: 1000,
} as const

/** What is never cut: a sentence, a list item, a table row, a line of code; a word where these are too long. */
export interface Unit extends Range {
  readonly tokens: number
  /** Of the place before it: see SEAM. */
  readonly seam: number
  readonly kind: BlockKind
  readonly section: Section
  /** First row of the table that this row continues; null for anything else. */
  readonly header: Range | null
}

/** Text almost without tokens (zero-width characters, stacked accents) must not make chunks without end. */
const MOST_UNITS_PER_TOKEN = 8

/** The units of a document in order, none heavier than `maxTokens`, each measured once. Tells up to where it has come. */
export function unitsOf(
  document: ParsedDocument,
  maxTokens: number,
  { tokenizer, tell }: { readonly tokenizer: Tokenizer; readonly tell: (offset: number) => void },
): Unit[] {
  const { text } = document
  const { sections, topLevel } = outlineOf(document)
  const units: Unit[] = []
  // Headings waiting for the text they stand above: the first unit of it must leave them room.
  let waiting = 0

  for (const [at, block] of document.blocks.entries()) {
    const section = sections[at] ?? { path: [], level: 0 }
    const header = tableHeader(text, block)
    let seam = seamBefore(block, document.blocks[at - 1], topLevel)
    for (const part of partsOf(text, block)) {
      const room = waiting < maxTokens ? maxTokens - waiting : maxTokens
      for (const piece of piecesOf(part, room)) {
        const isFirstRow = header === null || piece.start < header.end
        units.push({
          ...piece,
          seam,
          kind: block.kind,
          section,
          header: isFirstRow ? null : header,
        })
        waiting = block.kind === 'heading' ? waiting + piece.tokens : 0
        seam = block.kind === 'heading' ? SEAM.afterHeading : SEAM.word
      }
      seam = SEAM.sentence
      tell(part.end)
    }
  }
  return units

  function* piecesOf(part: Range, room: number): Generator<Range & { tokens: number }> {
    const tokens = weigh(part)
    if (tokens <= room) {
      yield { ...part, tokens }
      return
    }
    for (const word of splitWords(text, part)) yield* splitToFit(word, room)
  }

  function* splitToFit(word: Range, room: number): Generator<Range & { tokens: number }> {
    const tokens = weigh(word)
    const halves = tokens <= room ? null : halve(text, word)
    if (halves === null) yield { ...word, tokens }
    else for (const half of halves) yield* splitToFit(half, room)
  }

  function weigh({ start, end }: Range): number {
    const tokens = tokenizer.count(text.slice(start, end))
    return Math.max(tokens, Math.ceil((end - start) / MOST_UNITS_PER_TOKEN))
  }
}

function partsOf(text: string, block: Block): readonly Range[] {
  switch (block.kind) {
    case 'code':
    case 'table':
      return splitLines(text, block)
    case 'list':
      return splitItems(text, block)
    case 'paragraph':
    case 'quote':
      return splitSentences(text, block)
    case 'heading': {
      const whole = trimRange(text, block)
      return whole === null ? [] : [whole]
    }
  }
}

function seamBefore(block: Block, previous: Block | undefined, topLevel: number): number {
  if (previous?.kind === 'heading') return SEAM.afterHeading
  if (block.kind === 'heading') {
    const level = levelOf(block)
    return level <= topLevel ? SEAM.topSection : Math.max(SEAM.block + 1, SEAM.heading - level)
  }
  const continues =
    block.kind === previous?.kind && (block.kind === 'list' || block.kind === 'table')
  return continues ? SEAM.sentence : SEAM.block
}

function tableHeader(text: string, block: Block): Range | null {
  if (block.kind !== 'table') return null
  const end = text.indexOf('\n', block.start)
  return end === -1 || end >= block.end ? null : trimRange(text, { start: block.start, end })
}
