import { expect, test } from 'vitest'
import { LIMITS, makePptx, outline } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

const SLIDES = [
  { title: 'Results 2025', lines: ['Revenue rose', 'Costs fell'], notes: 'Smile here' },
  { title: 'Outlook', lines: ['Growth of 5 %'] },
]

test('a slide is a page with its title, its lines and its notes', async () => {
  const document = await parse(makePptx(SLIDES), 'talk.pptx', LIMITS)
  expect(outline(document)).toEqual([
    ['heading1', 'Results 2025'],
    ['paragraph', 'Revenue rose'],
    ['paragraph', 'Costs fell'],
    ['paragraph', 'Notes: Smile here'],
    ['heading1', 'Outlook'],
    ['paragraph', 'Growth of 5 %'],
  ])
  const pages = document.pages.map(({ number, start, end }) => [
    number,
    document.text.slice(start, end),
  ])
  expect(pages).toEqual([
    [1, 'Results 2025\n\nRevenue rose\n\nCosts fell\n\nNotes: Smile here'],
    [2, 'Outlook\n\nGrowth of 5 %'],
  ])
})

test('more slides than pages are allowed is file_too_large', async () => {
  const limits = { ...LIMITS, maxPages: 1 }
  await expect(parse(makePptx(SLIDES), 'talk.pptx', limits)).rejects.toMatchObject({
    code: 'file_too_large',
    message: expect.stringContaining('2 slides; the limit is 1'),
  })
})
