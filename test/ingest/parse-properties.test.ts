import { Document, HeadingLevel, Packer, Paragraph } from 'docx'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { ParsedDocument } from '../../src/core/document.ts'
import { AppError } from '../../src/core/errors.ts'
import type { Tell } from '../../src/core/tell.ts'
import { parse } from '../../src/ingest/parse/parse.ts'
import { LIMITS, makeEpub, makePdf, makePptx, makeXlsx, utf8 } from './sample-files.ts'

const NAMES = ['a', 'a.txt', 'a.md', 'a.csv', 'a.json', 'a.jsonl', 'a.html', 'a.ts'] as const

const TEXTS: Readonly<Record<string, string>> = {
  'a.md':
    '---\ntitle: T\n---\n# One\n\ntext *here*\n\n- a\n  - b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> q\n\n```\ncode\n```\n[^1]: note\n',
  'a.html':
    '<!doctype html><html><head><title>T</title></head><body><h1>One</h1><p>a<br>b</p><ul><li>x<ol><li>y</li></ol></li></ul><table><tr><td>1<td>2</table><pre>c\n  d</pre></body></html>',
  'a.csv': 'Name,City\nAda,"London, UK"\nGrace,"New\nYork"\n',
  'a.json': '{"title":"T","rows":[{"a":1.50,"b":[1,2]},{"a":null}],"deep":{"x":{"y":"z"}}}',
  'a.jsonl': '{"a":1}\n{"b":[{"c":"d"}]}\n',
  'a.txt': 'First paragraph\nof two lines.\n\n\tSecond – größer ½ 日本語 🙂\n',
  'a.ts': 'const a = 1\n\nexport function f() {\n  return a\n}\n',
}

const files = new Map<string, Uint8Array>()

beforeAll(async () => {
  for (const [name, text] of Object.entries(TEXTS)) files.set(name, utf8(text))
  files.set('a.pdf', await makePdf((pdf) => pdf.text('Hello there').addPage().text('Second page')))
  files.set('a.epub', makeEpub('Book', ['<h1>One</h1><p>First.</p>']))
  files.set('a.pptx', makePptx([{ title: 'One', lines: ['a', 'b'], notes: 'n' }]))
  const rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>5</v></c></row>'
  files.set('a.xlsx', makeXlsx([{ name: 'S', rows }], ['shared']))
  const children = [
    new Paragraph({ text: 'One', heading: HeadingLevel.HEADING_1 }),
    new Paragraph('Two'),
  ]
  files.set('a.docx', await Packer.toBuffer(new Document({ sections: [{ children }] })))
})

/**
 * `finish` throws a plain Error where a promise is broken, so a document or an AppError is all there may be. What is told
 * of the way there never goes back and stays within bounds.
 */
async function readOrFail(bytes: Uint8Array, name: string): Promise<ParsedDocument | null> {
  const told: number[] = []
  const tell: Tell = (done, of) => void told.push(done / of)
  try {
    return await parse(bytes, name, { ...LIMITS, tell })
  } catch (error) {
    if (error instanceof AppError && error.message.length > 20) return null
    throw error
  } finally {
    expect(told).toEqual(told.toSorted((one, other) => one - other))
    expect(told.every((share) => share >= 0 && share <= 1)).toBe(true)
  }
}

function expectPromises({ text, blocks, pages }: ParsedDocument): void {
  expect(text.isWellFormed() && !text.includes('\0') && !text.includes('\r')).toBe(true)
  let cursor = 0
  let outside = ''
  for (const { start, end } of blocks) {
    expect(start).toBeGreaterThanOrEqual(cursor)
    expect(end).toBeGreaterThan(start)
    outside += text.slice(cursor, start)
    cursor = end
  }
  expect((outside + text.slice(cursor)).trim()).toBe('')
  expect(cursor).toBeLessThanOrEqual(text.length)
  expect(pages.every((page, at) => page.start >= (pages[at - 1]?.end ?? 0))).toBe(true)
}

test('every sample keeps the promises of a parsed document', async () => {
  for (const [name, bytes] of files) {
    const document = await readOrFail(bytes, name)
    expect(document).not.toBeNull()
    if (document !== null) expectPromises(document)
  }
})

test('any text under any name keeps them too', async () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\n',
      '\n\n',
      '# ',
      '- ',
      '| a | b |\n|--|--|\n',
      '```',
      '> ',
      '<p>',
      '<ul><li>',
      '</li>',
      '<table><td>',
      '{"a":',
      '[',
      ',',
      '"',
      ';',
      '\r\n',
      '\t',
      '&amp;',
      '***',
      '[x]: y',
    ),
  )
  const property = fc.asyncProperty(
    fc.array(piece),
    fc.constantFrom(...NAMES),
    async (pieces, name) => {
      const document = await readOrFail(utf8(pieces.join('')), name)
      if (document !== null) expectPromises(document)
    },
  )
  await fc.assert(property, { numRuns: 400 })
})

test('plain text comes back as it was, but for line ends and NUL', async () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((value) => /[\p{L}]/u.test(value))
  const property = fc.asyncProperty(text, async (value) => {
    // A word in front keeps JSON, HTML and byte order marks out of it.
    const document = await parse(utf8(`Text: ${value}`), 'a.txt', LIMITS)
    expect(document.text).toBe(`Text: ${value}`)
  })
  await fc.assert(property, { numRuns: 300 })
})

test('random bytes give a document or a sentence', async () => {
  const heads = [
    '',
    '%PDF-1.7\n',
    'PK\u0003\u0004',
    '\u00ff\u00fe',
    '\u00d0\u00cf\u0011\u00e0',
    '{',
    '<html>',
  ]
  const property = fc.asyncProperty(
    fc.constantFrom(...heads),
    fc.uint8Array({ maxLength: 2000 }),
    fc.constantFrom(...NAMES, 'a.pdf', 'a.docx'),
    async (head, bytes, name) => {
      const document = await readOrFail(Buffer.concat([Buffer.from(head, 'latin1'), bytes]), name)
      if (document !== null) expectPromises(document)
    },
  )
  await fc.assert(property, { numRuns: 400 })
})

test('a damaged file gives a document or a sentence', async () => {
  const damage = fc.array(
    fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.integer({ min: 0, max: 255 }),
    ),
    { minLength: 1, maxLength: 20 },
  )
  const kept = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }))
  const property = fc.asyncProperty(
    fc.integer({ min: 0, max: 11 }),
    damage,
    kept,
    async (which, changes, share) => {
      const [name, bytes] = [...files][which] ?? ['', new Uint8Array()]
      const broken = Uint8Array.from(bytes)
      for (const [at, value] of changes) broken[Math.floor(at * broken.length)] = value
      const document = await readOrFail(broken.subarray(0, Math.ceil(broken.length * share)), name)
      if (document !== null) expectPromises(document)
    },
  )
  await fc.assert(property, { numRuns: 400 })
})
