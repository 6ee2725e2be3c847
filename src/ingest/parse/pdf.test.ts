import { expect, test } from 'vitest'
import { LIMITS, makePdf, outline } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

const PROSE =
  'The board met in the spring and agreed on the plan for the coming year, which the members had discussed at length before. '

test('paragraphs are joined over their lines, larger lines are headings, pages are exact', async () => {
  const bytes = await makePdf((pdf) => {
    pdf.fontSize(20).text('Annual report').moveDown()
    pdf.fontSize(11).text(PROSE.repeat(2)).moveDown().text(PROSE.repeat(2))
    pdf.addPage().text('On the second page.')
  })
  const document = await parse(bytes, 'report.pdf', LIMITS)
  expect(document.title).toBe('Annual report')
  expect(outline(document)).toEqual([
    ['heading1', 'Annual report'],
    ['paragraph', PROSE.repeat(2).trim()],
    ['paragraph', PROSE.repeat(2).trim()],
    ['paragraph', 'On the second page.'],
  ])
  const [first, second] = document.pages
  expect(document.text.slice(first?.start, first?.end)).toMatch(
    /^Annual report[^]*at length before\.$/,
  )
  expect(document.text.slice(second?.start, second?.end)).toBe('On the second page.')
})

test('a row of a table is one line, in order, with its signs at their figures', async () => {
  const rows = [
    ['', '2025', '2024'],
    ['Net sales', '$', '96,388', '$', '104,429'],
    ['Services', '', '20,766', '', '(19,516'],
  ]
  const bytes = await makePdf((pdf) => {
    pdf.fontSize(9)
    for (const [line, cells] of rows.entries()) {
      const places = cells.length === 3 ? [50, 340, 460] : [50, 320, 340, 440, 460]
      for (const [index, cell] of cells.entries()) {
        if (cell !== '') pdf.text(cell, places[index], 100 + line * 14, { lineBreak: false })
      }
    }
    pdf.text(')', 493, 128, { lineBreak: false })
  })
  expect(outline(await parse(bytes, 'table.pdf', LIMITS))).toEqual([
    ['table', '2025 | 2024\nNet sales | $96,388 | $104,429\nServices | 20,766 | (19,516)'],
  ])
})

test('columns of prose are read one after the other, below what spans them', async () => {
  const words = (name: string): string =>
    `${name} column tells its own story from top to bottom. `.repeat(12).trim()
  const bytes = await makePdf((pdf) => {
    pdf.fontSize(18).text('A title that spans both columns of the page', 50, 50)
    pdf.fontSize(10).text(words('Left'), 50, 100, { width: 230 })
    pdf.text(words('Right'), 320, 100, { width: 230 })
  })
  expect(outline(await parse(bytes, 'columns.pdf', LIMITS))).toEqual([
    ['heading1', 'A title that spans both columns of the page'],
    ['paragraph', words('Left')],
    ['paragraph', words('Right')],
  ])
})

test('a short line in another font or in capitals is a heading, one in the font of the text is not', async () => {
  const bytes = await makePdf((pdf) => {
    pdf.fontSize(11).font('Helvetica').text(PROSE.repeat(2)).moveDown()
    pdf.font('Helvetica-Bold').text('Results of the year').moveDown()
    pdf.font('Helvetica').text('MARKET RISK').moveDown().text('Signed by the board').moveDown()
  })
  expect(outline(await parse(bytes, 'plain.pdf', LIMITS)).slice(1)).toEqual([
    ['heading1', 'Results of the year'],
    ['heading1', 'MARKET RISK'],
    ['paragraph', 'Signed by the board'],
  ])
})

test('a running header is no heading, however large it is', async () => {
  const bytes = await makePdf((pdf) => {
    for (const page of [1, 2, 3]) {
      if (page > 1) pdf.addPage()
      pdf.fontSize(16).text(`Report, page ${page}`).moveDown(2)
      pdf.fontSize(11).text(PROSE)
    }
  })
  const kinds = outline(await parse(bytes, 'running.pdf', LIMITS)).map(([kind]) => kind)
  expect(kinds).not.toContain('heading1')
})

test('the title is the stated one, else the largest heading of the first page', async () => {
  const draw = (pdf: PDFKit.PDFDocument): void => {
    pdf.fontSize(14).text('Ministry of Works').fontSize(24).text('Road plan').moveDown()
    pdf.fontSize(11).text(PROSE)
  }
  expect((await parse(await makePdf(draw), 'a.pdf', LIMITS)).title).toBe('Road plan')
  const stated = await makePdf(draw, { info: { Title: 'Plan of roads' } })
  expect((await parse(stated, 'a.pdf', LIMITS)).title).toBe('Plan of roads')
})

test('bullets are list items', async () => {
  const bytes = await makePdf((pdf) => {
    pdf.fontSize(11).text(PROSE).moveDown()
    for (const [index, item] of ['first point', 'second point'].entries()) {
      pdf.text('•', 60, 140 + index * 14, { lineBreak: false }).text(item, 80, 140 + index * 14)
    }
  })
  expect(outline(await parse(bytes, 'list.pdf', LIMITS)).slice(1)).toEqual([
    ['list', '• first point'],
    ['list', '• second point'],
  ])
})

test('text that runs up the page is read as a line', async () => {
  const bytes = await makePdf((pdf) => {
    pdf.fontSize(11).text(PROSE)
    pdf
      .rotate(-90, { origin: [40, 400] })
      .text('Printed along the margin', 40, 400, { lineBreak: false })
  })
  expect(outline(await parse(bytes, 'margin.pdf', LIMITS)).at(-1)?.[1]).toBe(
    'Printed along the margin',
  )
})

test('an owner password alone does not hide the text', async () => {
  const bytes = await makePdf((pdf) => pdf.text('Readable by all.'), { ownerPassword: 'secret' })
  expect((await parse(bytes, 'owner.pdf', LIMITS)).text).toBe('Readable by all.')
})
