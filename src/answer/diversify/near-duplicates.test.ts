import { expect, test } from 'vitest'
import { exampleChunk } from '../../../test/answer/example-chunk.ts'
import { dropNearDuplicates } from './near-duplicates.ts'

const POLICY =
  'Every employee may work from home on two days of the week, once the head of the department has agreed in writing to the days that were chosen together with the team.'

const OPTIONS = { threshold: 0.8, limit: 10 }

test('the same text in another file is left out, and the trace says for which', () => {
  const { kept, dropped } = dropNearDuplicates(
    [chunk('1', POLICY, 'file-1'), chunk('2', POLICY.toUpperCase(), 'file-2')],
    OPTIONS,
  )

  expect(kept.map(({ chunkId }) => chunkId)).toEqual(['1'])
  expect(dropped).toEqual([{ chunkId: '2', reason: 'near-duplicate of 1' }])
})

test('texts that differ in a number are two facts', () => {
  const { dropped } = dropNearDuplicates(
    [chunk('1', `${POLICY} Since 2022.`, 'a'), chunk('2', `${POLICY} Since 2023.`, 'b')],
    OPTIONS,
  )

  expect(dropped).toEqual([])
})

test('texts that differ in a negation are two facts', () => {
  const { dropped } = dropNearDuplicates(
    [chunk('1', POLICY, 'a'), chunk('2', POLICY.replace('may work', 'may not work'), 'b')],
    OPTIONS,
  )

  expect(dropped).toEqual([])
})

test('a span that shares more than half its bytes with a better one is left out', () => {
  const { dropped } = dropNearDuplicates(
    [
      exampleChunk('one two three four five six', { chunkId: '1', start: 0 }),
      exampleChunk('four five six seven', { chunkId: '2', start: 14 }),
      exampleChunk('six seven eight nine', { chunkId: '3', start: 24 }),
    ],
    OPTIONS,
  )

  expect(dropped).toEqual([{ chunkId: '2', reason: 'overlaps 1' }])
})

test('what comes after as many as are wanted is not looked at', () => {
  const { kept, dropped } = dropNearDuplicates(
    [
      chunk('1', POLICY, 'a'),
      chunk('2', POLICY, 'b'),
      chunk('3', 'Other.', 'c'),
      chunk('4', 'New.', 'd'),
    ],
    { threshold: 0.8, limit: 2 },
  )

  expect(kept.map(({ chunkId }) => chunkId)).toEqual(['1', '3'])
  expect(dropped.at(-1)).toEqual({ chunkId: '4', reason: 'not among the best 2' })
})

function chunk(chunkId: string, text: string, fileId: string) {
  return exampleChunk(text, { chunkId, fileId })
}
