import { expect, test } from 'vitest'
import type { Message } from '../../core/question.ts'
import { capHistory } from './cap-history.ts'

const tokenizer = { count: (text: string) => text.split(/\s+/).length }

test('the newest turns stay, whole, in order', () => {
  const history: Message[] = [
    { role: 'user', text: 'one two three' },
    { role: 'assistant', text: 'four five' },
    { role: 'user', text: 'six' },
  ]

  expect(capHistory(history, { historyTokens: 4, tokenizer })).toEqual(history.slice(1))
})

test('nothing older than a dropped turn stays', () => {
  const history: Message[] = [
    { role: 'user', text: 'short' },
    { role: 'assistant', text: 'much too long for this budget' },
    { role: 'user', text: 'new' },
  ]

  expect(capHistory(history, { historyTokens: 3, tokenizer })).toEqual(history.slice(2))
})

test('a turn of megabytes is not counted', () => {
  const uncounted = { count: () => expect.unreachable() }
  const history: Message[] = [{ role: 'user', text: 'x'.repeat(1_000_000) }]

  expect(capHistory(history, { historyTokens: 100, tokenizer: uncounted })).toEqual([])
})
