import { expect, test } from 'vitest'
import type { Chunk } from '../../core/chunk.ts'
import type { ChunkChange } from '../../core/ports/chunks.ts'
import { carryChanges } from './carry-changes.ts'

const chunksOf = (...texts: readonly string[]): readonly Chunk[] =>
  texts.map((text, ordinal) => ({
    ordinal,
    start: ordinal * 10,
    end: ordinal * 10 + text.length,
    text,
    context: '',
    headings: [],
    page: null,
    tokens: 1,
  }))
const at = new Date(0)
const edit = (originText: string, text: string): ChunkChange => ({
  originText,
  text,
  tokens: 7,
  editedAt: at,
  disabledAt: null,
})
const disabling = (originText: string): ChunkChange => ({
  originText,
  text: null,
  tokens: 1,
  editedAt: null,
  disabledAt: at,
})

test('an edit goes to the chunk with the text that was edited, wherever it is now', () => {
  const { chunks, dropped } = carryChanges(chunksOf('new', 'old'), [edit('old', 'better')])

  expect(chunks[1]).toMatchObject({ text: 'better', originText: 'old', start: 10, tokens: 7 })
  expect(chunks[0]?.originText).toBeUndefined()
  expect(dropped).toBe(0)
})

test('a disabling keeps the text', () => {
  const { chunks } = carryChanges(chunksOf('old'), [disabling('old')])

  expect(chunks[0]).toMatchObject({ text: 'old', disabledAt: at, tokens: 1 })
  expect(chunks[0]?.originText).toBeUndefined()
})

test('of a text that is there twice, the first takes the first change', () => {
  const { chunks } = carryChanges(chunksOf('same', 'same', 'same'), [
    edit('same', 'one'),
    edit('same', 'two'),
  ])

  expect(chunks.map(({ text }) => text)).toEqual(['one', 'two', 'same'])
})

test('a change of a text that is gone is counted', () => {
  const { chunks, dropped } = carryChanges(chunksOf('new'), [edit('old', 'better')])

  expect(chunks).toEqual(chunksOf('new'))
  expect(dropped).toBe(1)
})

test('without changes the chunks are the parser’s own', () => {
  const given = chunksOf('a', 'b')

  expect(carryChanges(given, []).chunks).toBe(given)
})
