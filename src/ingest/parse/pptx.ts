import type { OfficeContentNode } from 'officeparser'
import type { ParseLimits } from '../../core/document.ts'
import type { Tell } from '../../core/tell.ts'
import type { Archive } from './archive.ts'
import { readCoreTitle } from './office-title.ts'
import { parseFailure } from './parse-failure.ts'
import { readSlides } from './pptx-slides.ts'
import { joinCells } from './table-text.ts'
import { createTextBuilder, type Draft, type TextBuilder } from './text-builder.ts'

/** A page for each slide: its title as a heading, its text, and the speaker's notes. */
export async function parsePptx(archive: Archive, limits: ParseLimits, tell: Tell): Promise<Draft> {
  const slides = await readSlides(archive, limits)
  if (slides.length > limits.maxPages) {
    throw parseFailure(
      'file_too_large',
      `The presentation has ${slides.length} slides; the limit is ${limits.maxPages} pages. Split it, or raise the limit on pages.`,
    )
  }
  const builder = createTextBuilder(limits.maxExpandedBytes)
  for (const [index, slide] of slides.entries()) {
    builder.beginPage(index + 1)
    for (const node of slide.children ?? []) addNode(builder, node)
    const notes = (slide.notes ?? []).map(textOf).filter((text) => text.trim() !== '')
    if (notes.length > 0) builder.add('paragraph', `Notes: ${notes.join('\n')}`)
    tell(index + 1, slides.length, 'pages')
  }
  return builder.build((await readCoreTitle(archive)) ?? builder.firstHeading())
}

function addNode(builder: TextBuilder, node: OfficeContentNode): void {
  if (node.type === 'heading') {
    // Slides are siblings: whatever the placeholder was, a slide's title opens a section.
    builder.addHeading(1, textOf(node))
  } else if (node.type === 'list') {
    const depth = node.metadata?.indentation ?? 0
    const text = textOf(node).trim()
    if (text !== '') builder.addTight('list', `${'  '.repeat(depth)}- ${text}`)
  } else if (node.type === 'table') {
    const rows = (node.children ?? []).map((row) => joinCells((row.children ?? []).map(textOf)))
    builder.add('table', rows.filter((row) => row !== '').join('\n'))
  } else if (node.type === 'note') {
    builder.add('paragraph', `Notes: ${textOf(node)}`)
  } else if (hasBlocks(node)) {
    for (const child of node.children ?? []) addNode(builder, child)
  } else builder.add('paragraph', textOf(node))
}

/** A group of shapes holds paragraphs, a paragraph holds runs of text. */
function hasBlocks(node: OfficeContentNode): boolean {
  return (node.children ?? []).some((child) => child.type !== 'text' && child.type !== 'break')
}

function textOf(node: OfficeContentNode): string {
  if (node.type === 'break') return '\n'
  const children = node.children ?? []
  if (children.length === 0) return node.text ?? ''
  return children.map(textOf).join(hasBlocks(node) ? '\n' : '')
}
