import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStopFilter } from './stop-filter.ts'

function through(text: string, cuts: readonly number[], stop: readonly string[]): string {
  const filter = createStopFilter(stop)
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b)]
  const pieces = edges.map((edge, index) => text.slice(edge, edges[index + 1]))
  return [...pieces.map((piece) => filter.push(piece)), filter.flush()].join('')
}

test('the text ends before the first sequence, however it is cut into pieces', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c') })
  const sequences = fc.array(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }),
    {
      maxLength: 4,
    },
  )
  fc.assert(
    fc.property(letters, fc.array(fc.nat()), sequences, (text, cuts, stop) => {
      const places = stop.map((word) => text.indexOf(word)).filter((place) => place >= 0)
      expect(through(text, cuts, stop)).toBe(text.slice(0, Math.min(text.length, ...places)))
    }),
  )
})

test('nothing is held back where nothing stops', () => {
  expect(createStopFilter([]).push('abc')).toBe('abc')
})

test('the beginning of a sequence is held back until it is known', () => {
  const filter = createStopFilter(['END'])

  expect([filter.push('the E'), filter.push('N'), filter.push('T')]).toEqual(['the ', '', 'ENT'])
})
