import mammoth from 'mammoth'
import type { ParseLimits } from '../../core/document.ts'
import { repack, type Archive } from './archive.ts'
import { parseHtmlDom } from './dom.ts'
import { addHtmlBlocks } from './html-blocks.ts'
import { readCoreTitle } from './office-title.ts'
import { isXmlPart } from './office-parts.ts'
import { createTextBuilder, type Draft } from './text-builder.ts'

const STYLES = [
  "p[style-name='Title'] => h1:fresh",
  "p[style-name='Subtitle'] => p:fresh",
  "p[style-name='Quote'] => blockquote:fresh",
  "p[style-name='Intense Quote'] => blockquote:fresh",
  "p[style-name='HTML Preformatted'] => pre:separator('\n')",
  "p[style-name='Code'] => pre:separator('\n')",
]

/** Headings, lists, tables and notes as Word's styles say; headers, footers and pictures are left out. */
export async function parseDocx(archive: Archive, limits: ParseLimits): Promise<Draft> {
  const package_ = await repack(archive, isXmlPart)
  const { value: html } = await mammoth.convertToHtml(
    { buffer: Buffer.from(package_.buffer, package_.byteOffset, package_.byteLength) },
    { styleMap: STYLES, convertImage: mammoth.images.imgElement(async () => ({ src: '' })) },
  )
  const builder = createTextBuilder(limits.maxExpandedBytes)
  // Notes end in an arrow that leads back to their place.
  const document = parseHtmlDom(html.replaceAll(/ ?<a href="#[^"]*note-ref[^"]*">↑<\/a>/g, ''))
  addHtmlBlocks(builder, document.documentElement ?? document)
  return builder.build((await readCoreTitle(archive)) ?? builder.firstHeading())
}
