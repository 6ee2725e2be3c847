import { expect, test } from 'vitest'
import { LIMITS, makeXlsx, outline } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

const TABLE = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>
  <row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>1234.5</v></c><c r="C2" s="1"><v>45000</v></c></row>
  <row r="3"><c r="A3" t="inlineStr"><is><t>Total</t></is></c><c r="B3"><f>SUM(B2:B2)</f><v>1234.5</v></c></row>`

test('a sheet is a section, and every row says what its values mean', async () => {
  const bytes = makeXlsx(
    [{ name: 'Sales &amp; more', rows: TABLE }],
    ['Item', 'Amount', 'Paid on', 'Chairs'],
  )
  const document = await parse(bytes, 'sales.xlsx', LIMITS)
  expect(outline(document)).toEqual([
    ['heading1', 'Sales & more'],
    ['table', 'Item: Chairs; Amount: 1234.5; Paid on: 2023-03-15'],
    ['table', 'Item: Total; Amount: 1234.5'],
  ])
})

test('a sheet without a header gives what its rows hold', async () => {
  const rows =
    '<row r="4"><c r="C4"><v>1</v></c><c r="E4"><v>3</v></c></row><row r="5"><c r="C5"><v>4</v></c></row>'
  const document = await parse(makeXlsx([{ name: 'Raw', rows }]), 'raw.xlsx', LIMITS)
  expect(outline(document)).toEqual([
    ['heading1', 'Raw'],
    ['table', '1 | 3'],
    ['table', '4'],
  ])
})

test('empty sheets are left out', async () => {
  const bytes = makeXlsx([
    { name: 'Nothing', rows: '' },
    { name: 'Something', rows: '<row r="1"><c r="A1"><v>7</v></c></row>' },
  ])
  expect(outline(await parse(bytes, 'x.xlsx', LIMITS))).toEqual([
    ['heading1', 'Something'],
    ['table', '7'],
  ])
})
