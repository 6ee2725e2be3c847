import { expect, test } from 'vitest'
import { plainQuery } from './plain-query.ts'

test.each([
  [
    "I'd like to know the height of the main office building.",
    'the height of the main office building.',
  ],
  ['Hello, could you please tell me  how long the notice is? Thanks!', 'how long the notice is?'],
  ['Können Sie mir bitte sagen, wie lang die Frist ist?', 'wie lang die Frist ist?'],
  ['notice period', 'notice period'],
])('%j is searched for as %j', (text, query) => {
  expect(plainQuery(text)).toBe(query)
})

test.each(['Please?', 'Tell me ', 'Hi, hello, bitte'])('%j is not emptied', (text) => {
  expect(plainQuery(text)).not.toBe('')
})
