import { expect, test } from 'vitest'
import { readQuestions } from './read-questions.ts'

const read = (...lines: readonly object[]) => {
  const text = lines.map((each) => JSON.stringify(each)).join('\n')
  return readQuestions({ readInput: async () => text }, '-')
}

test('what is expected may be one, several, or stand beside the question', async () => {
  const expected = { file: 'a.md', quote: 'thirty days' }
  const question = 'How many days?'

  expect(
    await read(
      { question, expected },
      { question, expected: [expected] },
      { question, ...expected },
      { question },
    ),
  ).toEqual([
    { question, expected: [expected] },
    { question, expected: [expected] },
    { question, expected: [expected] },
    { question },
  ])
})

test('a golden question as it is listed is asked of its store', async () => {
  const expected = [{ file: 'a.md', quote: null }]
  const listed = {
    id: 'gq_1',
    object: 'vector_store.golden_question',
    vector_store_id: 'vs_1',
    question: 'Who pays?',
    expected,
    created_at: 1,
    updated_at: 2,
  }

  expect(await read(listed)).toEqual([
    { question: 'Who pays?', vector_store_ids: ['vs_1'], expected },
  ])
})

test('what is not known stays, so that the server names it', async () => {
  expect(await read({ question: 'Who pays?', id: 'x', expeted: [] })).toEqual([
    { question: 'Who pays?', id: 'x', expeted: [] },
  ])
})

test('lines without anything are passed over, and a line that is no question is named', async () => {
  const readInput = async () => '{"question": "x"}\n\n  \n[1]'

  await expect(readQuestions({ readInput }, '-')).rejects.toThrow('-, line 4: no JSON object')
})
