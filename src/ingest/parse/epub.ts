import { posix } from 'node:path'
import type { ParseLimits } from '../../core/document.ts'
import type { Tell } from '../../core/tell.ts'
import type { Archive } from './archive.ts'
import { parseXhtmlDom, parseXmlDom, type DomDocument } from './dom.ts'
import { addHtmlBlocks } from './html-blocks.ts'
import { parseFailure } from './parse-failure.ts'
import { createTextBuilder, type Draft } from './text-builder.ts'

interface Spine {
  readonly title: string | null
  /** Names of the chapters in the archive, in reading order. */
  readonly chapters: readonly string[]
}

/** The chapters in reading order; the table of contents is left out. */
export async function parseEpub(archive: Archive, limits: ParseLimits, tell: Tell): Promise<Draft> {
  const { title, chapters } = await readSpine(archive)
  const locked = await readEncrypted(archive)
  if (chapters.some((name) => locked.has(name))) {
    throw parseFailure(
      'file_encrypted',
      'The book is protected by digital rights management. Add a copy without protection.',
    )
  }
  const builder = createTextBuilder(limits.maxExpandedBytes)
  for (const [index, name] of chapters.entries()) {
    const content = await archive.read(name)
    if (content === null) throw incomplete(name)
    const chapter = parseXhtmlDom(new TextDecoder().decode(content))
    addHtmlBlocks(builder, chapter.documentElement ?? chapter)
    tell(index + 1, chapters.length)
  }
  return builder.build(title ?? builder.firstHeading())
}

async function readSpine(archive: Archive): Promise<Spine> {
  const container = await readXml(archive, 'META-INF/container.xml')
  const path = container.querySelector('rootfile')?.getAttribute('full-path') ?? ''
  const book = await readXml(archive, path)
  const items = new Map<string, string>()
  for (const item of book.querySelectorAll('manifest > item')) {
    const isReadable = /html|xml/.test(item.getAttribute('media-type') ?? '')
    const isContents = item.getAttribute('properties')?.split(' ').includes('nav') === true
    const id = item.getAttribute('id')
    if (id === null || !isReadable || isContents) continue
    items.set(id, resolveName(path, item.getAttribute('href') ?? ''))
  }
  const chapters = [...book.querySelectorAll('spine > itemref')].flatMap((reference) => {
    const name = items.get(reference.getAttribute('idref') ?? '')
    return name === undefined ? [] : [name]
  })
  return {
    title: book.querySelector('dc\\:title')?.textContent ?? null,
    chapters: [...new Set(chapters)],
  }
}

/** What the book says is encrypted; obfuscated fonts are listed there too and do no harm. */
async function readEncrypted(archive: Archive): Promise<ReadonlySet<string>> {
  if (!archive.names.includes('META-INF/encryption.xml')) return new Set()
  const document = await readXml(archive, 'META-INF/encryption.xml')
  const names = [...document.querySelectorAll('*')]
    .filter((node) => node.localName.endsWith('CipherReference'))
    .map((node) => decodeName(node.getAttribute('URI') ?? ''))
  return new Set(names)
}

async function readXml(archive: Archive, name: string): Promise<DomDocument> {
  const content = await archive.read(name)
  if (content === null) throw incomplete(name)
  return parseXmlDom(new TextDecoder().decode(content))
}

function incomplete(name: string): Error {
  return parseFailure(
    'file_malformed',
    `The book is incomplete: its part "${name.slice(0, 100)}" is missing. Export or download it again.`,
  )
}

function resolveName(base: string, href: string): string {
  return posix.join(posix.dirname(base), decodeName(href.split('#')[0] ?? ''))
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
