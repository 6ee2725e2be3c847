import { getDocumentProxy } from 'unpdf'
import type { ParseLimits } from '../../core/document.ts'
import type { Tell } from '../../core/tell.ts'
import { parseFailure } from './parse-failure.ts'
import { addPdfBlocks, measureTypography } from './pdf-blocks.ts'
import { inReadingOrder } from './pdf-columns.ts'
import { toRows, type Row, type Run } from './pdf-rows.ts'
import { checkPdfStreams } from './pdf-streams.ts'
import { createTextBuilder, type Draft } from './text-builder.ts'

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>
type PdfPage = Awaited<ReturnType<PdfDocument['getPage']>>

// The trailer ends a PDF; some programs add a little after it.
const TRAILER_WINDOW = 4096

/**
 * The text layer, page by page, in reading order: rows of tables as `label | value | value`.
 * A page's running header and footer stay, since they are on the page.
 */
export async function parsePdf(bytes: Uint8Array, limits: ParseLimits, tell: Tell): Promise<Draft> {
  requireTrailer(bytes)
  checkPdfStreams(bytes, limits)
  const pdf = await openPdf(bytes)
  try {
    if (pdf.numPages > limits.maxPages) {
      throw parseFailure(
        'file_too_large',
        `The PDF has ${pdf.numPages} pages; the limit is ${limits.maxPages}. Split it, or raise the limit on pages.`,
      )
    }
    return await readPages(pdf, limits, tell)
  } finally {
    await pdf.loadingTask.destroy()
  }
}

function requireTrailer(bytes: Uint8Array): void {
  const tail = Buffer.from(bytes.subarray(-TRAILER_WINDOW)).toString('latin1')
  if (tail.includes('%%EOF')) return
  throw parseFailure(
    'file_malformed',
    'The PDF is truncated: its end is missing. Export or download it again.',
  )
}

async function openPdf(bytes: Uint8Array): Promise<PdfDocument> {
  try {
    // A copy, because the library takes the buffer for itself.
    return await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 })
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException') {
      throw parseFailure(
        'file_encrypted',
        'The PDF is protected by a password. Remove the protection and add it again.',
      )
    }
    throw error
  }
}

async function readPages(pdf: PdfDocument, limits: ParseLimits, tell: Tell): Promise<Draft> {
  const pages: Row[][] = []
  let characters = 0
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number)
    const runs = await readRuns(page)
    page.cleanup()
    characters += runs.reduce((sum, run) => sum + run.text.length, 0)
    if (characters > limits.maxExpandedBytes) break
    pages.push([...groupByAngle(runs).values()].flatMap((group) => inReadingOrder(toRows(group))))
    tell(number, pdf.numPages, 'pages')
  }
  if (characters === 0) {
    throw parseFailure(
      'file_malformed',
      'The PDF has no text layer: its pages are pictures. Run text recognition (OCR) over it and add the result.',
    )
  }
  const typography = measureTypography(pages)
  const builder = createTextBuilder(limits.maxExpandedBytes)
  for (const [index, rows] of pages.entries()) {
    builder.beginPage(index + 1)
    addPdfBlocks(builder, rows, typography)
  }
  const draft = builder.build(null)
  return { ...draft, title: (await readTitle(pdf)) ?? mainHeading(draft) }
}

interface AngledRun extends Run {
  /** Quarter turns clockwise. */
  readonly turns: number
}

async function readRuns(page: PdfPage): Promise<readonly AngledRun[]> {
  const { items } = await page.getTextContent()
  const toDevice = toMatrix(page.getViewport({ scale: 1 }).transform)
  const runs: AngledRun[] = []
  for (const item of items) {
    if (!('str' in item) || item.str.trim() === '') continue
    const [a, b, c, d, x, y] = multiply(toDevice, toMatrix(item.transform))
    const turns = (Math.round(Math.atan2(b, a) / (Math.PI / 2)) + 4) % 4
    runs.push({
      text: item.str,
      ...turnBack(x, y, turns),
      width: item.width,
      size: Math.hypot(c, d),
      font: item.fontName,
      turns,
    })
  }
  return runs
}

type Matrix = readonly [number, number, number, number, number, number]

function toMatrix(values: readonly number[]): Matrix {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = values
  return [a, b, c, d, e, f]
}

function multiply(m: Matrix, n: Matrix): Matrix {
  return [
    m[0] * n[0] + m[2] * n[1],
    m[1] * n[0] + m[3] * n[1],
    m[0] * n[2] + m[2] * n[3],
    m[1] * n[2] + m[3] * n[3],
    m[0] * n[4] + m[2] * n[5] + m[4],
    m[1] * n[4] + m[3] * n[5] + m[5],
  ]
}

/** Coordinates in which text drawn with so many quarter turns runs to the right. */
function turnBack(x: number, y: number, turns: number): { x: number; y: number } {
  if (turns === 1) return { x: y, y: -x }
  if (turns === 2) return { x: -x, y: -y }
  return turns === 3 ? { x: -y, y: x } : { x, y }
}

/** Text of each direction apart, the direction with most characters first. */
function groupByAngle(runs: readonly AngledRun[]): ReadonlyMap<number, readonly Run[]> {
  const groups = Map.groupBy(runs, (run) => run.turns)
  const weigh = (group: readonly Run[]): number =>
    group.reduce((sum, run) => sum + run.text.length, 0)
  return new Map([...groups].toSorted((one, other) => weigh(other[1]) - weigh(one[1])))
}

/** The largest heading of the first page that has any: letterheads above a title are smaller. */
function mainHeading({ text, blocks, pages }: Draft): string | null {
  const headings = blocks.filter((block) => block.kind === 'heading')
  const page = pages.find(({ start, end }) =>
    headings.some((block) => block.start >= start && block.end <= end),
  )
  const candidates = headings.filter((block) => page !== undefined && block.end <= page.end)
  const [main] = candidates.toSorted((one, other) => (one.level ?? 1) - (other.level ?? 1))
  return main === undefined ? null : text.slice(main.start, main.end)
}

async function readTitle(pdf: PdfDocument): Promise<string | null> {
  const { info } = await pdf.getMetadata()
  const title: unknown = 'Title' in info ? info.Title : null
  if (typeof title !== 'string') return null
  // Numbers, file names and what a word processor writes by itself name nothing.
  const isMeaningless = /^[\d\s.-]*$|\.\w{2,5}$|^untitled|^microsoft word|^powerpoint/i.test(
    title.trim(),
  )
  return isMeaningless ? null : title
}
