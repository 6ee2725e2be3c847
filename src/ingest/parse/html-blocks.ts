import type { BlockKind } from '../../core/document.ts'
import type { DomNode } from './dom.ts'
import { joinCells } from './table-text.ts'
import type { TextBuilder } from './text-builder.ts'

const SKIPPED = new Set(
  (
    'area audio button canvas datalist dialog embed head iframe img input link map math meta nav noscript ' +
    'object option param script select style svg template textarea title track video'
  ).split(' '),
)

const BLOCKS = new Set(
  (
    'address article aside body caption center dd details div dl dt fieldset figcaption figure footer form ' +
    'header hgroup hr html legend li main menu ol p section summary table tbody td tfoot th thead tr ul'
  ).split(' '),
)

/** Adds the readable content under a node, in document order: headings, lists, tables, code and quotes as blocks of their kinds. */
export function addHtmlBlocks(builder: TextBuilder, root: DomNode): void {
  let run = ''
  const flush = (): void => {
    // Two line breaks are how pages without paragraphs separate them.
    for (const part of run.split(/\n\s*\n/)) builder.add('paragraph', collapse(part))
    run = ''
  }
  const walk = (node: DomNode): void => {
    if (node.nodeType === 3 || node.nodeType === 4) {
      run += node.textContent.replaceAll(/\s+/g, ' ')
      return
    }
    if (node.nodeType !== 1 || isHidden(node)) return
    const name = node.localName
    if (name === 'br') {
      run += '\n'
      return
    }
    const isBlock = BLOCKS.has(name)
    const special = name in SPECIAL || isBlock
    if (special) flush()
    if (SPECIAL[name]?.(builder, node) === true) return
    for (const child of node.childNodes) walk(child)
    if (special) flush()
  }
  walk(root)
  flush()
}

type AddElement = (builder: TextBuilder, element: DomNode) => boolean

/** Elements that are one thing. False lets the walk go on inside. */
const SPECIAL: Readonly<Record<string, AddElement>> = {
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((level): [string, AddElement] => [
      `h${level}`,
      (builder, element) => {
        builder.addHeading(level, inlineText(element))
        return true
      },
    ]),
  ),
  blockquote: add('quote', (element) => blockText(element)),
  dl: addDefinitions,
  ol: addList,
  pre: add('code', (element) => element.textContent),
  table: addTable,
  ul: addList,
}

function add(kind: BlockKind, toText: (element: DomNode) => string): AddElement {
  return (builder, element) => {
    builder.add(kind, toText(element))
    return true
  }
}

/** Every item at the top is a block; lists inside it are its further lines. */
function addList(builder: TextBuilder, list: DomNode): boolean {
  if (list.querySelector('h1,h2,h3,h4,h5,h6,table,pre') !== null) return false
  for (const item of listItems(list, 0)) builder.addTight('list', item)
  return true
}

function listItems(list: DomNode, depth: number): string[] {
  const isOrdered = list.localName === 'ol'
  let number = Number(list.getAttribute('start') ?? 1) || 1
  const items: string[] = []
  for (const item of list.childNodes) {
    if (item.nodeType !== 1 || isHidden(item)) continue
    if (isList(item)) {
      items.push(...listItems(item, depth + 1))
      continue
    }
    const nested = [...item.childNodes].filter(isList)
    const text = inlineText(item, isList)
    const lines = nested.flatMap((inner) => listItems(inner, depth + 1))
    const mark = isOrdered ? `${number++}.` : '-'
    if (text !== '') lines.unshift(`${'  '.repeat(depth)}${mark} ${text}`)
    if (lines.length > 0) items.push(lines.join('\n'))
  }
  return items
}

function addDefinitions(builder: TextBuilder, list: DomNode): boolean {
  let term = ''
  for (const child of list.querySelectorAll('dt,dd')) {
    const text = inlineText(child)
    if (child.localName === 'dd') {
      builder.addTight('list', term === '' ? text : `${term}: ${text}`)
      term = ''
    } else {
      builder.addTight('list', term)
      term = text
    }
  }
  builder.addTight('list', term)
  return true
}

/** A line for each row; a table that only arranges a page is walked through instead. */
function addTable(builder: TextBuilder, table: DomNode): boolean {
  const isLayout =
    table.getAttribute('role') === 'presentation' ||
    table.querySelector('table,h1,h2,h3,pre,ul,ol') !== null
  if (isLayout) return false
  const lines: string[] = []
  for (const row of table.querySelectorAll('tr')) {
    const cells = [...row.childNodes].filter(isCell).map((cell) => inlineText(cell))
    lines.push(joinCells(cells))
  }
  const caption = table.querySelector('caption')
  if (caption !== null) builder.add('paragraph', inlineText(caption))
  builder.add('table', lines.filter((line) => line !== '').join('\n'))
  return true
}

/** The text of an element on one line; line breaks and block ends are spaces. */
function inlineText(root: DomNode, isLeftOut: (node: DomNode) => boolean = () => false): string {
  return collapse(gather(root, isLeftOut)).replaceAll('\n', ' ')
}

/** The text of an element, a line for each block in it. */
function blockText(root: DomNode): string {
  return collapse(gather(root, () => false)).replaceAll(/\n{2,}/g, '\n')
}

function gather(root: DomNode, isLeftOut: (node: DomNode) => boolean): string {
  let text = ''
  for (const child of root.childNodes) {
    if (child.nodeType === 3 || child.nodeType === 4)
      text += child.textContent.replaceAll(/\s+/g, ' ')
    if (child.nodeType !== 1 || isHidden(child) || isLeftOut(child)) continue
    if (child.localName === 'br') text += '\n'
    else if (BLOCKS.has(child.localName)) text += `\n${gather(child, isLeftOut)}\n`
    else text += gather(child, isLeftOut)
  }
  return text
}

function collapse(text: string): string {
  return text
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .trim()
}

function isHidden(element: DomNode): boolean {
  if (SKIPPED.has(element.localName)) return true
  if (element.getAttribute('hidden') !== null) return true
  if (element.getAttribute('aria-hidden') === 'true') return true
  return /display\s*:\s*none|visibility\s*:\s*hidden/i.test(element.getAttribute('style') ?? '')
}

function isList(node: DomNode): boolean {
  return node.nodeType === 1 && (node.localName === 'ul' || node.localName === 'ol')
}

function isCell(node: DomNode): boolean {
  return node.nodeType === 1 && (node.localName === 'td' || node.localName === 'th')
}
