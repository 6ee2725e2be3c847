import { expect, test } from 'vitest'
import { LIMITS, outline, utf8 } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

test('blank lines separate paragraphs, and the text stays as it is', async () => {
  const text = '\n  First line\nsecond line\n \t\n\nNext.  \n'
  const document = await parse(utf8(text), 'a.txt', LIMITS)
  expect(document.text).toBe(text)
  expect(outline(document)).toEqual([
    ['paragraph', '  First line\nsecond line'],
    ['paragraph', 'Next.'],
  ])
})

test('source code is cut at blank lines into blocks of code', async () => {
  const document = await parse(utf8('import a\n\ndef f():\n    return 1\n'), 'main.py', LIMITS)
  expect(outline(document)).toEqual([
    ['code', 'import a'],
    ['code', 'def f():\n    return 1'],
  ])
})

test('line ends become newlines and the byte order mark goes', async () => {
  const document = await parse(utf8('\uFEFFone\r\ntwo\rthree'), 'a.txt', LIMITS)
  expect(document.text).toBe('one\ntwo\nthree')
})

test('UTF-16 is read by its byte order mark', async () => {
  const text = 'Größe: 5 €\nnächste Zeile'
  const little = Buffer.from(`\uFEFF${text}`, 'utf16le')
  const big = Buffer.from(little).swap16()
  expect((await parse(little, 'a.txt', LIMITS)).text).toBe(text)
  expect((await parse(big, 'a.txt', LIMITS)).text).toBe(text)
})

test('windows-1252 is read where the bytes can be nothing else', async () => {
  const bytes = Buffer.from('Gr\u00f6\u00dfe \u0096 caf\u00e9, 5 \u0080. It\u0092s fine.', 'latin1')
  expect((await parse(bytes, 'a.txt', LIMITS)).text).toBe('Größe – café, 5 €. It’s fine.')
})
