import { deflateSync } from 'node:zlib'
import { Zip, ZipDeflate } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { createReader, type Reader } from '../../src/ingest/reader.ts'
import { LIMITS, makeDocx, makePdf, makePptx, makeXlsx, makeZip, utf8 } from './sample-files.ts'

let reader: Reader

beforeAll(() => {
  const module = new URL('./fake-tokenizer.ts', import.meta.url).href
  reader = createReader({
    limits: LIMITS,
    threads: 1,
    tokenizer: { module, options: null },
    maxHeapMegabytes: 256,
  })
})

afterAll(async () => {
  await reader.close()
})

async function read(bytes: Uint8Array, filename: string): Promise<AppError | string> {
  const request = { bytes, filename, chunkSize: { maxTokens: 100, overlapTokens: 0 } }
  return reader.read(request, new AbortController().signal).then(
    ({ document }) => document.text,
    (error: unknown) => {
      if (error instanceof AppError) return error
      throw error
    },
  )
}

/** One entry of so many bytes, all alike: about a thousandth of it as a file. */
function makeBomb(name: string, bytes: number): Uint8Array {
  const parts: Uint8Array[] = []
  const zip = new Zip((_error, data) => parts.push(data))
  const entry = new ZipDeflate(name, { level: 9 })
  zip.add(entry)
  const block = new Uint8Array(1 << 20).fill(0x20)
  for (let written = 0; written < bytes; written += block.length) {
    entry.push(block, written + block.length >= bytes)
  }
  zip.end()
  return new Uint8Array(Buffer.concat(parts))
}

/** Rewrites the size that the directory declares for its first entry. */
function declareSize(zip: Uint8Array, size: number): Uint8Array {
  const lying = Buffer.from(zip)
  const directory = lying.indexOf('PK\u0001\u0002', 0, 'latin1')
  lying.writeUInt32LE(size, directory + 24)
  return lying
}

/** A PDF by hand: so many pages, all of one content. */
function makeRawPdf(pages: number, content: Uint8Array): Uint8Array {
  const kids = Array.from({ length: pages }, (_, index) => `${index + 4} 0 R`)
  const bodies = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${pages} >>`,
    `<< /Length ${content.length} /Filter /FlateDecode >>\nstream\n${Buffer.from(content).toString('latin1')}\nendstream`,
    ...kids.map(() => '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 3 0 R >>'),
  ]
  let file = '%PDF-1.7\n'
  const offsets = bodies.map((body, index) => {
    const offset = file.length
    file += `${index + 1} 0 obj\n${body}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const size = bodies.length + 1
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}`
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`
  return Buffer.from(file + table + trailer, 'latin1')
}

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==',
  'base64',
)
const compoundFile = (text: string): Buffer =>
  Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(1000),
    Buffer.from(text, 'utf16le'),
  ])

type Make = () => Promise<Uint8Array> | Uint8Array
const truncated = async (
  bytes: Promise<Uint8Array> | Uint8Array,
  share = 0.6,
): Promise<Uint8Array> => (await bytes).slice(0, (await bytes).length * share)

const CASES: readonly (readonly [string, string, Make, AppError['code'], RegExp])[] = [
  ['no bytes', 'a.pdf', () => new Uint8Array(), 'file_empty', /is empty/],
  ['only blanks', 'a.txt', () => utf8(' \n\t\n'), 'file_empty', /no text/],
  [
    'too many bytes',
    'a.txt',
    () => new Uint8Array(LIMITS.maxBytes + 1).fill(97),
    'file_too_large',
    /20 MB; the limit is 20 MB/,
  ],
  [
    'a PDF with a password',
    'a.pdf',
    () => makePdf((pdf) => pdf.text('x'), { userPassword: 'secret' }),
    'file_encrypted',
    /password/,
  ],
  [
    'an Office file with a password',
    'a.docx',
    () => compoundFile('EncryptedPackage'),
    'file_encrypted',
    /password/,
  ],
  [
    'an old Office file',
    'a.doc',
    () => compoundFile('WordDocument'),
    'file_type_unsupported',
    /old binary Office/,
  ],
  [
    'a truncated PDF',
    'a.pdf',
    () => truncated(makePdf((pdf) => pdf.text('x'))),
    'file_malformed',
    /truncated/,
  ],
  [
    'a truncated DOCX',
    'a.docx',
    () => truncated(makeDocx('<w:p/>')),
    'file_malformed',
    /damaged or truncated/,
  ],
  [
    'a truncated PPTX',
    'a.pptx',
    () => truncated(makePptx([{ title: 'a', lines: [] }])),
    'file_malformed',
    /damaged or truncated/,
  ],
  [
    'a truncated XLSX',
    'a.xlsx',
    () => truncated(makeXlsx([{ name: 'a', rows: '' }])),
    'file_malformed',
    /damaged or truncated/,
  ],
  ['a truncated JSON', 'a.json', () => utf8('{"a": ['), 'file_malformed', /not valid JSON/],
  [
    'a DOCX without its document',
    'a.docx',
    () => makeDocx('', { 'word/document.xml': '' }),
    'file_malformed',
    /damaged/,
  ],
  ['a picture named .pdf', 'a.pdf', () => PNG, 'file_type_unsupported', /image\/png/],
  [
    'a web page named .pdf',
    'a.pdf',
    () => utf8('<!doctype html><p>Please sign in</p>'),
    'file_type_unsupported',
    /plain text/,
  ],
  [
    'an archive that is no document',
    'a.zip',
    () => makeZip({ 'a.txt': 'x' }),
    'file_type_unsupported',
    /Unpack it/,
  ],
  [
    'an unknown binary',
    'a.bin',
    () => Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 97) % 256)),
    'file_type_unsupported',
    /neither text/,
  ],
  [
    'a text filled with NUL',
    'a.txt',
    () => Buffer.concat([Buffer.from('text'), Buffer.alloc(500)]),
    'file_type_unsupported',
    /NUL/,
  ],
  ['nothing but NUL', 'a.txt', () => Buffer.alloc(500), 'file_type_unsupported', /NUL/],
  [
    'UTF-8 with a broken sequence',
    'a.txt',
    () => Buffer.concat([utf8('größer als '), Buffer.from([0xc3, 0x28]), utf8(' süß')]),
    'file_malformed',
    /not valid UTF-8.*byte 13/,
  ],
  [
    'stray bytes in ASCII',
    'a.md',
    () =>
      Buffer.concat([
        utf8('# Hello '),
        Buffer.from([0xff, 0xfe, 0x80]),
        utf8(' world, all is well'),
      ]),
    'file_malformed',
    /byte 8/,
  ],
  [
    'UTF-16 that breaks off',
    'a.txt',
    () => Buffer.from('fffe480065006c00d8', 'hex'),
    'file_malformed',
    /UTF-16/,
  ],
  [
    'an archive that declares too much',
    'a.docx',
    () => makeBomb('word/document.xml', LIMITS.maxExpandedBytes + 1),
    'file_too_large',
    /unpacks to more/,
  ],
  [
    'an archive that declares less than it holds',
    'a.docx',
    () => declareSize(makeBomb('[Content_Types].xml', 60_000_000), 1000),
    'file_malformed',
    /damaged/,
  ],
  [
    'a PDF whose content unpacks to too much',
    'a.pdf',
    () => makeRawPdf(1, deflateSync(Buffer.alloc(60_000_000, 32))),
    'file_too_large',
    /unpacks to more/,
  ],
  [
    'a PDF of pictures',
    'a.pdf',
    () => makePdf((pdf) => pdf.image(PNG, 10, 10)),
    'file_malformed',
    /no text layer/,
  ],
  [
    'too many slides',
    'a.pptx',
    () => makePptx(Array.from({ length: 1001 }, () => ({ title: 'a', lines: [] }))),
    'file_too_large',
    /1001 slides/,
  ],
  [
    'a sheet with one cell at its far end',
    'a.xlsx',
    () =>
      makeXlsx([
        {
          name: 'a',
          rows: '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        },
      ]),
    'file_too_large',
    /memory/,
  ],
]

test.each(CASES)('%s', async (...[, filename, make, code, sentence]) => {
  const failure = await read(await make(), filename)
  expect(failure).toMatchObject({
    name: 'AppError',
    code,
    message: expect.stringMatching(sentence),
  })
  expect(await read(utf8('The next file.'), 'next.txt')).toBe('The next file.')
})

test('a PDF of 50,000 pages is refused for its pages', async () => {
  const bytes = makeRawPdf(50_000, deflateSync('BT ET'))
  expect(await read(bytes, 'long.pdf')).toMatchObject({
    code: 'file_too_large',
    message: expect.stringContaining('50000 pages; the limit is 1000'),
  })
})

test('an archive that unpacks to ten gigabytes is refused', async () => {
  // Four gigabytes is what a plain ZIP entry can declare; three of them, of which no byte needs to be there.
  const bomb = makeZip({ 'word/a.xml': 'a', 'word/b.xml': 'b', 'word/c.xml': 'c' })
  const lying = Buffer.from(bomb)
  let at = lying.indexOf('PK\u0001\u0002', 0, 'latin1')
  while (at >= 0) {
    lying.writeUInt32LE(0xffff_fff0, at + 24)
    at = lying.indexOf('PK\u0001\u0002', at + 4, 'latin1')
  }
  expect(await read(lying, 'bomb.docx')).toMatchObject({ code: 'file_too_large' })
})
