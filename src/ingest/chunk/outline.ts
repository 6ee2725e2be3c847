import type { Block, ParsedDocument } from '../../core/document.ts'

/** Where a block stands among the headings. */
export interface Section {
  /** Outermost first; of a heading, with itself. */
  readonly path: readonly string[]
  /** Of the heading that opened it, 1 is the outermost; 0 before any heading. */
  readonly level: number
}

export interface Outline {
  /** One a block; blocks of one section share the object. */
  readonly sections: readonly Section[]
  /** Headings of this level or further out part what should not share a chunk; 0 where there are no headings. */
  readonly topLevel: number
}

/** Reads the headings once, in order. */
export function outlineOf(document: ParsedDocument): Outline {
  const open: { level: number; title: string }[] = []
  const sections: Section[] = []
  let section: Section = { path: [], level: 0 }
  for (const block of document.blocks) {
    if (block.kind === 'heading') {
      const level = levelOf(block)
      while ((open.at(-1)?.level ?? 0) >= level) open.pop()
      open.push({ level, title: headingTitle(document.text.slice(block.start, block.end)) })
      section = { path: open.map(({ title }) => title).filter((title) => title !== ''), level }
    }
    sections.push(section)
  }
  return { sections, topLevel: topLevelOf(document.blocks) }
}

export function levelOf(heading: Block): number {
  return Math.max(1, heading.level ?? 1)
}

/** The outermost level with more than one heading: a lone one above it is the document's title. */
function topLevelOf(blocks: readonly Block[]): number {
  const counts = new Map<number, number>()
  for (const block of blocks) {
    if (block.kind === 'heading') counts.set(levelOf(block), (counts.get(levelOf(block)) ?? 0) + 1)
  }
  const levels = [...counts.keys()].sort((one, other) => one - other)
  return levels.find((level) => (counts.get(level) ?? 0) > 1) ?? levels[0] ?? 0
}

/** Without Markdown's marks, on one line. */
function headingTitle(text: string): string {
  return text
    .replace(/\n\s*(?:=+|-+)\s*$/u, '')
    .replace(/^\s*#{1,6}\s+/u, '')
    .replace(/\s+#+\s*$/u, '')
    .replace(/\s+/gu, ' ')
    .trim()
}
