import { Document, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow } from 'docx'
import { expect, test } from 'vitest'
import { LIMITS, makeDocx, outline } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

function cells(...texts: string[]): TableRow {
  return new TableRow({
    children: texts.map((text) => new TableCell({ children: [new Paragraph(text)] })),
  })
}

test('headings, lists and tables of a Word document become blocks', async () => {
  const file = new Document({
    title: 'Handbook',
    sections: [
      {
        children: [
          new Paragraph({ text: 'Leave', heading: HeadingLevel.HEADING_1 }),
          new Paragraph('Everyone has 30 days.'),
          new Paragraph({ text: 'Ask first', bullet: { level: 0 } }),
          new Paragraph({ text: 'in writing', bullet: { level: 1 } }),
          new Paragraph({ text: 'Details', heading: HeadingLevel.HEADING_2 }),
          new Table({ rows: [cells('Country', 'Days'), cells('Norway', '25')] }),
        ],
      },
    ],
  })
  const document = await parse(await Packer.toBuffer(file), 'handbook.docx', LIMITS)
  expect(document.title).toBe('Handbook')
  expect(document.pages).toEqual([])
  expect(outline(document)).toEqual([
    ['heading1', 'Leave'],
    ['paragraph', 'Everyone has 30 days.'],
    ['list', '- Ask first\n  - in writing'],
    ['heading2', 'Details'],
    ['table', 'Country | Days\nNorway | 25'],
  ])
})

test('the name does not matter: a Word document called .pdf is read as what it is', async () => {
  const bytes = makeDocx('<w:p><w:r><w:t>Body</w:t></w:r></w:p>')
  const document = await parse(bytes, 'body.pdf', LIMITS)
  expect(document.mediaType).toContain('wordprocessingml')
  expect(document.text).toBe('Body')
})

test('entities that multiply are not expanded', async () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(1000)}"><!ENTITY c "${'&b;'.repeat(1000)}">]>`
  const bytes = makeDocx('', {
    'word/document.xml': `<?xml version="1.0"?>${bomb}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&c;</w:t></w:r></w:p><w:p><w:r><w:t>after</w:t></w:r></w:p></w:body></w:document>`,
  })
  const length = await parse(bytes, 'bomb.docx', LIMITS).then(
    (document) => document.text.length,
    () => 0,
  )
  expect(length).toBeLessThan(1000)
})

test('a Word document without words is file_empty', async () => {
  await expect(parse(makeDocx('<w:p/>'), 'empty.docx', LIMITS)).rejects.toMatchObject({
    code: 'file_empty',
  })
})
