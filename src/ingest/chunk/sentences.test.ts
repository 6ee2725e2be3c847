import { expect, test } from 'vitest'
import { splitSentences } from './sentences.ts'

function sentencesOf(text: string): string[] {
  return splitSentences(text, { start: 0, end: text.length }).map(({ start, end }) =>
    text.slice(start, end),
  )
}

test.each([
  ['Dr. Smith met J. R. Doe. They ate.', ['Dr. Smith met J. R. Doe.', 'They ate.']],
  ['It rose 3.5 percent. Then it fell.', ['It rose 3.5 percent.', 'Then it fell.']],
  ['Am 3. Oktober ist frei. Danach nicht.', ['Am 3. Oktober ist frei.', 'Danach nicht.']],
  ['Ask e.g. Anna for it. She knows.', ['Ask e.g. Anna for it.', 'She knows.']],
  ['Acme Inc. Sells tools! Does it? Yes.', ['Acme Inc. Sells tools!', 'Does it?', 'Yes.']],
  ['これは文です。次の文です。', ['これは文です。', '次の文です。']],
  ['He said it\nacross two lines. And went.', ['He said it\nacross two lines.', 'And went.']],
  ['No full stop here\n\nA new paragraph', ['No full stop here', 'A new paragraph']],
])('%j', (text, sentences) => {
  expect(sentencesOf(text)).toEqual(sentences)
})
