import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutPage } from './text-page.ts'

function allPages(text: string, limit: number) {
  const content = Buffer.from(text)
  const pages = [cutPage(content, 0, limit)]
  for (let end = pages[0]?.end ?? 0; end < content.length; end = pages.at(-1)?.end ?? end) {
    pages.push(cutPage(content, end, limit))
  }
  return pages
}

test('the pages of any text, one after the other, are the text, none above the limit', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.integer({ min: 4, max: 64 }),
      (text, limit) => {
        const pages = allPages(text, limit)
        expect(pages.map((page) => page.text).join('')).toBe(text)
        for (const { text: part, start, end } of pages) {
          expect(Buffer.byteLength(part)).toBe(end - start)
          expect(end - start).toBeLessThanOrEqual(limit)
        }
      },
    ),
  )
})

test('a page ends with a line where one ends near its end', () => {
  const content = Buffer.from(`${'a'.repeat(85)}\n${'b'.repeat(50)}`)
  expect(cutPage(content, 0, 100).end).toBe(86)
})

test('a page does not stay short for a line that ended early', () => {
  const content = Buffer.from(`${'a'.repeat(20)}\n${'b'.repeat(150)}`)
  expect(cutPage(content, 0, 100).end).toBe(100)
})

test('a start inside a character is moved to its first byte', () => {
  expect(cutPage(Buffer.from('a✓b'), 2, 10)).toEqual({ text: '✓b', start: 1, end: 5 })
})
