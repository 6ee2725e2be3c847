import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { showComparison } from './show-embeddings.ts'

const COMPARISON = {
  old_model: 'old',
  new_model: 'new',
  questions: 2,
  left_out: 0,
  judged: 1,
  overlap_at_10: 1,
  old: null,
  new: null,
  differing: [],
} as const

function shown(comparison: Parameters<typeof showComparison>[1]): string {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  showComparison(stream, comparison)
  return text
}

test.each([
  ['given', '2 questions given, 1 with what is expected'],
  ['golden', '2 golden questions, 1 with what is expected'],
  ['recent', '2 questions asked lately, 1 with what is expected'],
] as const)('it is said where the questions are from: %s', (from, said) => {
  expect(shown({ ...COMPARISON, questions_from: from })).toContain(said)
})

test('what was left out is said', () => {
  const text = shown({ ...COMPARISON, questions_from: 'golden', left_out: 40 })

  expect(text).toContain('40 golden questions more were not asked')
})
