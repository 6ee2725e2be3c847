import { strToU8, zipSync, type Zippable } from 'fflate'
import PDFDocument from 'pdfkit'
import type { ParsedDocument, ParseLimits } from '../../src/core/document.ts'

export const LIMITS: ParseLimits = {
  maxBytes: 20_000_000,
  maxExpandedBytes: 50_000_000,
  maxPages: 1000,
  maxSeconds: 20,
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** A ZIP archive of texts. */
export function makeZip(parts: Readonly<Record<string, string>>): Uint8Array {
  const files: Zippable = {}
  for (const [name, text] of Object.entries(parts)) files[name] = strToU8(text)
  return zipSync(files)
}

/** A PDF by PDFKit; what `draw` does not put on a page of its own is on the first. */
export async function makePdf(
  draw: (pdf: PDFKit.PDFDocument) => void,
  options: PDFKit.PDFDocumentOptions = {},
): Promise<Uint8Array> {
  const pdf = new PDFDocument({ margin: 50, ...options })
  const done = new Promise<Uint8Array>((resolve) => {
    const chunks: Buffer[] = []
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))))
  })
  draw(pdf)
  pdf.end()
  return done
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
const OOXML = 'application/vnd.openxmlformats-officedocument'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'

function contentTypes(parts: Readonly<Record<string, string>>): string {
  const overrides = Object.entries(parts).map(
    ([name, type]) => `<Override PartName="/${name}" ContentType="${OOXML}.${type}+xml"/>`,
  )
  return `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`
}

function relations(
  targets: readonly (readonly [id: string, type: string, target: string])[],
): string {
  const list = targets.map(
    ([id, type, target]) =>
      `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`,
  )
  return `${XML}<Relationships xmlns="${PACKAGE}/relationships">${list.join('')}</Relationships>`
}

/** A Word document around the XML of its body. */
export function makeDocx(body: string, more: Readonly<Record<string, string>> = {}): Uint8Array {
  const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
  return makeZip({
    '[Content_Types].xml': contentTypes({ 'word/document.xml': 'wordprocessingml.document.main' }),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'word/document.xml']]),
    'word/document.xml': `${XML}<w:document xmlns:w="${word}"><w:body>${body}</w:body></w:document>`,
    ...more,
  })
}

export interface SampleSlide {
  readonly title: string
  readonly lines: readonly string[]
  readonly notes?: string
}

function shape(type: string, paragraphs: readonly string[]): string {
  const text = paragraphs.map((line) => `<a:p><a:r><a:t>${line}</a:t></a:r></a:p>`).join('')
  return `<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr><p:ph type="${type}"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>${text}</p:txBody></p:sp>`
}

function slideXml(root: string, shapes: string): string {
  const names = `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="${RELATIONS}" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"`
  return `${XML}<p:${root} ${names}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:${root}>`
}

export function makePptx(slides: readonly SampleSlide[]): Uint8Array {
  const types: Record<string, string> = {
    'ppt/presentation.xml': 'presentationml.presentation.main',
  }
  const parts: Record<string, string> = {}
  for (const [index, slide] of slides.entries()) {
    const name = `slide${index + 1}`
    types[`ppt/slides/${name}.xml`] = 'presentationml.slide'
    parts[`ppt/slides/${name}.xml`] = slideXml(
      'sld',
      shape('title', [slide.title]) + shape('body', slide.lines),
    )
    if (slide.notes === undefined) continue
    types[`ppt/notesSlides/notesSlide${index + 1}.xml`] = 'presentationml.notesSlide'
    parts[`ppt/notesSlides/notesSlide${index + 1}.xml`] = slideXml(
      'notes',
      shape('body', [slide.notes]),
    )
    parts[`ppt/slides/_rels/${name}.xml.rels`] = relations([
      ['rId1', 'notesSlide', `../notesSlides/notesSlide${index + 1}.xml`],
    ])
  }
  const list = slides
    .map((_, index) => `<p:sldId id="${256 + index}" r:id="rId${index + 1}"/>`)
    .join('')
  return makeZip({
    '[Content_Types].xml': contentTypes(types),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'ppt/presentation.xml']]),
    'ppt/presentation.xml': `${XML}<p:presentation xmlns:r="${RELATIONS}" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:sldIdLst>${list}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relations(
      slides.map(
        (_, index) => [`rId${index + 1}`, 'slide', `slides/slide${index + 1}.xml`] as const,
      ),
    ),
    ...parts,
  })
}

export interface SampleSheet {
  readonly name: string
  /** The XML of the `sheetData` element's rows. */
  readonly rows: string
}

/** A workbook; cell style 1 is a date, shared strings are given by index. */
export function makeXlsx(
  sheets: readonly SampleSheet[],
  sharedStrings: readonly string[] = [],
): Uint8Array {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const types: Record<string, string> = {
    'xl/workbook.xml': 'spreadsheetml.sheet.main',
    'xl/styles.xml': 'spreadsheetml.styles',
    'xl/sharedStrings.xml': 'spreadsheetml.sharedStrings',
  }
  const parts: Record<string, string> = {}
  for (const [index, sheet] of sheets.entries()) {
    types[`xl/worksheets/sheet${index + 1}.xml`] = 'spreadsheetml.worksheet'
    parts[`xl/worksheets/sheet${index + 1}.xml`] =
      `${XML}<worksheet xmlns="${main}"><sheetData>${sheet.rows}</sheetData></worksheet>`
  }
  const list = sheets.map(
    ({ name }, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  )
  return makeZip({
    '[Content_Types].xml': contentTypes(types),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `${XML}<workbook xmlns="${main}" xmlns:r="${RELATIONS}"><sheets>${list.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations([
      ...sheets.map(
        (_, index) => [`rId${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`] as const,
      ),
      ['rId900', 'styles', 'styles.xml'],
      ['rId901', 'sharedStrings', 'sharedStrings.xml'],
    ]),
    'xl/styles.xml': `${XML}<styleSheet xmlns="${main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    'xl/sharedStrings.xml': `${XML}<sst xmlns="${main}">${sharedStrings.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`,
    ...parts,
  })
}

/** A book of chapters, each the XHTML of a body. */
export function makeEpub(
  title: string,
  chapters: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Uint8Array {
  const items = chapters.map(
    (_, index) =>
      `<item id="c${index}" href="text/chapter%20${index}.xhtml" media-type="application/xhtml+xml"/>`,
  )
  // The spine turns the order of the manifest around.
  const spine = chapters.map((_, index) => `<itemref idref="c${index}"/>`)
  const parts: Record<string, string> = {}
  for (const [index, body] of chapters.entries()) {
    parts[`OEBPS/text/chapter ${index}.xhtml`] =
      `${XML}<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>${body}</body></html>`
  }
  return makeZip({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': `${XML}<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>`,
    'OEBPS/book.opf': `${XML}<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${title}</dc:title></metadata><manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>${items.toReversed().join('')}</manifest><spine><itemref idref="nav"/>${spine.join('')}</spine></package>`,
    'OEBPS/nav.xhtml': '<html><body><nav>Contents</nav></body></html>',
    ...parts,
    ...more,
  })
}

/** What a parser saw, as `[kind, text]`; a heading's kind carries its level. */
export function outline(document: ParsedDocument): readonly (readonly [string, string])[] {
  return document.blocks.map(
    ({ kind, level, start, end }) =>
      [`${kind}${level ?? ''}`, document.text.slice(start, end)] as const,
  )
}
