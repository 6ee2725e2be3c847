import { expect, test } from 'vitest'
import { checkQuestion } from './check-question.ts'

const LIMITS = { maxQuestionCharacters: 20, param: 'input' }

test.each([
  ['', 'empty'],
  ['\u0000 \u0007', 'empty'],
  ['a'.repeat(21), '21 characters'],
  ['half \ud83c', 'surrogate'],
])('%j: %s', (text, complaint) => {
  expect(() => checkQuestion(text, LIMITS)).toThrow(
    expect.objectContaining({
      code: 'input_rejected',
      param: 'input',
      message: expect.stringContaining(complaint),
    }),
  )
})

test('control characters and direction marks are taken out, line ends and accents stay', () => {
  expect(checkQuestion(' Wie\u0000 \u202egroß?\r\nja\t', LIMITS)).toBe('Wie groß?\nja')
})
