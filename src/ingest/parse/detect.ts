import { fileTypeFromBuffer } from 'file-type'
import type { ParseLimits } from '../../core/document.ts'
import { type Archive, openArchive } from './archive.ts'
import { decodeText } from './decode-text.ts'
import { parseFailure } from './parse-failure.ts'
import { normalizeText } from './text-builder.ts'
import { detectTextFormat, extensionOf, type TextFormat } from './text-format.ts'

export type ArchiveFormat = 'docx' | 'epub' | 'pptx' | 'xlsx'

/** What a file is, with what was already read of it. */
export type Detected =
  | { readonly format: 'pdf' }
  | { readonly format: ArchiveFormat; readonly archive: Archive }
  | { readonly format: TextFormat; readonly text: string }

const READABLE = 'PDF, DOCX, PPTX, XLSX, EPUB, HTML, Markdown, CSV, JSON and plain text can be read'

// Names that promise a binary format: text under one of them is a failed download or a wrong name.
const BINARY_EXTENSIONS = new Set([
  'pdf',
  'docx',
  'pptx',
  'xlsx',
  'epub',
  'doc',
  'ppt',
  'xls',
  'zip',
])

/** Decides by content; the name only chooses between formats that are all plain text. */
export async function detect(
  bytes: Uint8Array,
  filename: string,
  limits: ParseLimits,
): Promise<Detected> {
  if (startsWith(bytes, 'PK\u0003\u0004') || startsWith(bytes, 'PK\u0005\u0006')) {
    return detectArchive(bytes, limits)
  }
  // Acrobat accepts a PDF's header anywhere in the first 1,024 bytes.
  if (latin1(bytes.subarray(0, 1024)).includes('%PDF-')) return { format: 'pdf' }
  if (startsWith(bytes, '\u00d0\u00cf\u0011\u00e0')) throw explainCompoundFile(bytes)
  if (startsWith(bytes, '{\\rtf')) {
    throw parseFailure(
      'file_type_unsupported',
      'The file is Rich Text (RTF). Save it as DOCX or PDF and add that.',
    )
  }
  const decoded = decodeText(bytes)
  if (decoded === null) throw await explainBinary(bytes)
  const extension = extensionOf(filename)
  if (BINARY_EXTENSIONS.has(extension)) {
    throw parseFailure(
      'file_type_unsupported',
      `The name ends in .${extension} but the content is plain text, perhaps a failed download. Get the file again, or rename it to .txt if text is meant.`,
    )
  }
  const text = normalizeText(decoded)
  return { format: detectTextFormat(text, extension), text }
}

async function detectArchive(bytes: Uint8Array, limits: ParseLimits): Promise<Detected> {
  const archive = await openArchive(bytes, limits)
  const format = await archiveFormat(archive)
  if (format !== null) return { format, archive }
  throw parseFailure(
    'file_type_unsupported',
    `The file is an archive, but not one of the documents that can be read. Unpack it and add the files inside; ${READABLE}.`,
  )
}

async function archiveFormat(archive: Archive): Promise<ArchiveFormat | null> {
  const contentTypes = await readText(archive, '[Content_Types].xml')
  if (contentTypes !== null) {
    // Also templates, slide shows and macro-enabled files, whose main parts are named alike.
    if (/(?:wordprocessingml|ms-word)\.(?:document|template)\b/.test(contentTypes)) return 'docx'
    if (/presentationml|ms-powerpoint\.(?:presentation|slideshow|template)/.test(contentTypes))
      return 'pptx'
    if (
      /spreadsheetml\.(?:sheet|template)\.main|ms-excel\.(?:sheet|template)\.macro/.test(
        contentTypes,
      )
    )
      return 'xlsx'
  }
  const mimetype = await readText(archive, 'mimetype')
  if (mimetype?.trim() === 'application/epub+zip') return 'epub'
  if (mimetype?.startsWith('application/vnd.oasis.opendocument') === true) {
    throw parseFailure(
      'file_type_unsupported',
      'The file is an OpenDocument file. Save it as DOCX, PPTX, XLSX or PDF and add that.',
    )
  }
  return archive.names.includes('META-INF/container.xml') ? 'epub' : null
}

async function readText(archive: Archive, name: string): Promise<string | null> {
  const content = await archive.read(name)
  return content === null ? null : new TextDecoder().decode(content)
}

function explainCompoundFile(bytes: Uint8Array): Error {
  // The container's directory names its streams in UTF-16LE.
  const isEncrypted = Buffer.from(bytes).includes(Buffer.from('EncryptedPackage', 'utf16le'))
  return isEncrypted
    ? parseFailure(
        'file_encrypted',
        'The document is protected by a password. Remove the protection and add it again.',
      )
    : parseFailure(
        'file_type_unsupported',
        'The file is in an old binary Office format. Save it as DOCX, PPTX, XLSX or PDF and add that.',
      )
}

async function explainBinary(bytes: Uint8Array): Promise<Error> {
  const known = await fileTypeFromBuffer(bytes).catch(() => undefined)
  const what =
    known === undefined
      ? 'The file is neither text nor a known document format'
      : `The content is of type ${known.mime}, which cannot be read`
  const hint = known === undefined && bytes.includes(0) ? ' (it contains NUL bytes)' : ''
  return parseFailure('file_type_unsupported', `${what}${hint}. ${READABLE}.`)
}

function startsWith(bytes: Uint8Array, prefix: string): boolean {
  return latin1(bytes.subarray(0, prefix.length)) === prefix
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
