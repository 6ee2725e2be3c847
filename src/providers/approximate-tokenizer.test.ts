import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  approximateTokenizerSource,
  createApproximateTokenizer,
  createTokenizer,
} from './approximate-tokenizer.ts'

const tokenizer = createApproximateTokenizer()

// True numbers in o200k_base.
test.each([
  ['The quick brown fox jumps over the lazy dog.', 10],
  ['Internationalization of the organisation in 1998', 9],
  ['Die Geschwindigkeitsbegrenzung gilt für alle Fahrzeuge.', 12],
  ['for (let i = 0; i < n; i++) sum += values[i]', 19],
  ['', 0],
  ['   ', 0],
])('%j is near its true number of tokens', (text, tokens) => {
  expect(Math.abs(tokenizer.count(text) - tokens)).toBeLessThanOrEqual(tokens * 0.35)
})

test('a longer text never counts less', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 20 })
  fc.assert(
    fc.property(word, word, (left, right) => {
      expect(tokenizer.count(`${left} ${right}`)).toBeGreaterThanOrEqual(tokenizer.count(left))
    }),
  )
})

test('a very long word counts by its length', () => {
  expect(tokenizer.count('x'.repeat(10_000))).toBeGreaterThan(2_000)
})

test('the module named by the source makes the tokenizer', async () => {
  const source = approximateTokenizerSource()
  const module = await import(source.module)
  expect(module.createTokenizer).toBe(createTokenizer)
  expect((await createTokenizer()).count('hello world')).toBe(2)
})
