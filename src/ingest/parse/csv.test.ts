import { expect, test } from 'vitest'
import { LIMITS, outline, utf8 } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

async function linesOf(text: string, name = 'table.csv'): Promise<readonly string[]> {
  return outline(await parse(utf8(text), name, LIMITS)).map(([kind, line]) => {
    expect(kind).toBe('table')
    return line
  })
}

test('every record is a line that names its values', async () => {
  expect(
    await linesOf('Name,City,Note\nAda,London,"likes, commas"\nGrace,,"two\nlines"\n'),
  ).toEqual(['Name: Ada; City: London; Note: likes, commas', 'Name: Grace; Note: two lines'])
})

test.each([';', '\t', '|'])('the delimiter %j is found', async (delimiter) => {
  const text = [
    ['Name', 'Sum'],
    ['Ada', '1,5'],
    ['Grace', '2,5'],
  ]
    .map((row) => row.join(delimiter))
    .join('\n')
  expect(await linesOf(text)).toEqual(['Name: Ada; Sum: 1,5', 'Name: Grace; Sum: 2,5'])
})

test('without a header the values stand in order', async () => {
  expect(await linesOf('1,2,3\n4,5,6\n')).toEqual(['1 | 2 | 3', '4 | 5 | 6'])
})

test('a byte order mark is no part of the first column’s name', async () => {
  expect(await linesOf('\uFEFFName,City\nAda,London\n')).toEqual(['Name: Ada; City: London'])
})

test('records of different lengths are kept', async () => {
  expect(await linesOf('a,b\n1\n1,2,3\n')).toEqual(['a: 1', 'a: 1; b: 2; 3'])
})

test('a table is known by its looks when the name says nothing', async () => {
  expect(await linesOf('Name,City\nAda,London\nGrace,New York\n', 'upload')).toHaveLength(2)
})

test('a table that breaks off inside a quoted value is file_malformed', async () => {
  await expect(parse(utf8('a,b\n1,"unfinished\n2,3\n'), 'x.csv', LIMITS)).rejects.toMatchObject({
    code: 'file_malformed',
  })
})
