import { expect, test } from 'vitest'
import { LIMITS, outline, utf8 } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

async function outlineOf(
  text: string,
  name = 'data.json',
): Promise<readonly (readonly [string, string])[]> {
  return outline(await parse(utf8(text), name, LIMITS))
}

test('members become lines with their paths, groups get headings', async () => {
  const json =
    '{"title":"Spec","size":{"width":2,"unit":{"name":"mm"}},"tags":["a","b"],"none":null,"on":true}'
  expect(await outlineOf(json)).toEqual([
    ['table', 'title: Spec'],
    ['heading1', 'size'],
    ['table', 'size.width: 2\nsize.unit.name: mm'],
    ['heading1', 'tags'],
    ['table', 'tags: a, b'],
    ['table', 'on: true'],
  ])
})

test('every object of an array is a block', async () => {
  expect(await outlineOf('[{"id":1,"at":{"x":2}},{"id":2}]')).toEqual([
    ['table', 'id: 1\nat.x: 2'],
    ['table', 'id: 2'],
  ])
})

test('numbers keep their spelling', async () => {
  expect(await outlineOf('{"price":1.10,"id":12345678901234567890,"e":1E5}')).toEqual([
    ['table', 'price: 1.10'],
    ['table', 'id: 12345678901234567890'],
    ['table', 'e: 1E5'],
  ])
})

test('a long string is a paragraph', async () => {
  const body = 'A sentence of some length. '.repeat(10).trim()
  expect(await outlineOf(JSON.stringify([{ id: 7, body }]))).toEqual([
    ['table', 'id: 7'],
    ['paragraph', `body: ${body}`],
  ])
})

test('JSON lines are known by content and read record by record', async () => {
  expect(await outlineOf('{"q":"one"}\n{"q":"two"}\n', 'upload')).toEqual([
    ['table', 'q: one'],
    ['table', 'q: two'],
  ])
})

test('truncated JSON is file_malformed, with the line where lines are records', async () => {
  await expect(outlineOf('{"a": [1, 2')).rejects.toMatchObject({ code: 'file_malformed' })
  await expect(outlineOf('{"a": 1}\n{"a": ', 'a.jsonl')).rejects.toMatchObject({
    code: 'file_malformed',
    message: expect.stringContaining('line 2'),
  })
})

test('nesting without end is file_malformed', async () => {
  await expect(outlineOf('['.repeat(200_000) + ']'.repeat(200_000))).rejects.toMatchObject({
    code: 'file_malformed',
  })
})
