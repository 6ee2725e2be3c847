import type { ParsedDocument, ParseLimits } from '../../core/document.ts'
import { AppError } from '../../core/errors.ts'
import { tellNobody, type Tell } from '../../core/tell.ts'
import { parseCsv } from './csv.ts'
import { detect, type Detected } from './detect.ts'
import { parseDocx } from './docx.ts'
import { parseEpub } from './epub.ts'
import { finish } from './finish.ts'
import { parseHtml } from './html.ts'
import { parseJson, parseJsonLines } from './json.ts'
import { parseMarkdown } from './markdown.ts'
import { parseFailure, readableBytes } from './parse-failure.ts'
import { parsePdf } from './pdf.ts'
import { parsePptx } from './pptx.ts'
import type { Draft } from './text-builder.ts'
import type { TextFormat } from './text-format.ts'
import { parseCode, parseText } from './text.ts'
import { parseXlsx } from './xlsx.ts'

const OOXML = 'application/vnd.openxmlformats-officedocument'

const MEDIA_TYPES: Readonly<Record<Detected['format'], string>> = {
  code: 'text/plain',
  csv: 'text/csv',
  docx: `${OOXML}.wordprocessingml.document`,
  epub: 'application/epub+zip',
  html: 'text/html',
  json: 'application/json',
  'json-lines': 'application/jsonl',
  markdown: 'text/markdown',
  pdf: 'application/pdf',
  pptx: `${OOXML}.presentationml.presentation`,
  text: 'text/plain',
  xlsx: `${OOXML}.spreadsheetml.sheet`,
}

type ParseText = (text: string, limits: ParseLimits, tell: Tell) => Draft

const TEXT_PARSERS: Readonly<Record<TextFormat, ParseText>> = {
  code: parseCode,
  csv: parseCsv,
  html: parseHtml,
  json: parseJson,
  'json-lines': parseJsonLines,
  markdown: parseMarkdown,
  text: parseText,
}

export interface ParseOptions extends ParseLimits {
  /** Told how far the parser is, as far as it can say. */
  readonly tell?: Tell
}

/**
 * Makes a file readable. The format is decided by content; the name only chooses between formats of plain text.
 * Throws `file_empty`, `file_encrypted`, `file_malformed`, `file_too_large`, `file_type_unsupported`.
 */
export async function parse(
  bytes: Uint8Array,
  filename: string,
  { tell = tellNobody, ...limits }: ParseOptions,
): Promise<ParsedDocument> {
  if (bytes.byteLength === 0) {
    throw parseFailure('file_empty', 'The file is empty. Add one that holds text.')
  }
  if (bytes.byteLength > limits.maxBytes) {
    throw parseFailure(
      'file_too_large',
      `The file has ${readableBytes(bytes.byteLength)}; the limit is ${readableBytes(limits.maxBytes)}. Split it, or raise the limit on file size.`,
    )
  }
  const detected = await explained(() => detect(bytes, filename, limits))
  const draft = await explained(() => parseDetected(detected, bytes, { ...limits, tell }))
  return finish(draft, MEDIA_TYPES[detected.format], limits)
}

async function parseDetected(
  detected: Detected,
  bytes: Uint8Array,
  { tell, ...limits }: Required<ParseOptions>,
): Promise<Draft> {
  if ('text' in detected) return TEXT_PARSERS[detected.format](detected.text, limits, tell)
  switch (detected.format) {
    case 'pdf':
      return parsePdf(bytes, limits, tell)
    case 'docx':
      return parseDocx(detected.archive, limits)
    case 'pptx':
      return parsePptx(detected.archive, limits, tell)
    case 'xlsx':
      return parseXlsx(detected.archive, limits, tell)
    case 'epub':
      return parseEpub(detected.archive, limits, tell)
  }
}

/** Whatever a library throws at a file is the file's fault, and gets a sentence. */
async function explained<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError) throw error
    if (error instanceof RangeError && error.message.includes('call stack')) {
      throw parseFailure(
        'file_malformed',
        'The file is nested too deeply to be read. Export it in a simpler form.',
        error,
      )
    }
    throw parseFailure(
      'file_malformed',
      'The file is damaged and cannot be read. Export or download it again.',
      error,
    )
  }
}
