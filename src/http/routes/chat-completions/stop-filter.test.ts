import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStopFilter } from './stop-filter.ts'

function through(text: string, cuts: readonly number[], stop: readonly string[]): string {
  const filter = createStopFilter(stop)
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b)]
  const pieces = edges.map((edge, index) => text.slice(edge, edges[index + 1]))
  return [...pieces.map((piece) => filter.push(piece)), filter.flush()].join('')
}

/** As one would read it aloud, letter by letter. */
function untilStopped(text: string, stop: readonly string[]): string {
  for (let end = 0; end <= text.length; end += 1) {
    const ended = stop.filter((word) => text.slice(0, end).endsWith(word))
    if (ended.length > 0) return text.slice(0, end - Math.max(...ended.map(({ length }) => length)))
  }
  return text
}

test('the text ends before the sequence that is complete first, however it is cut into pieces', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c') })
  const sequences = fc.array(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }),
    {
      maxLength: 4,
    },
  )
  fc.assert(
    fc.property(letters, fc.array(fc.nat()), sequences, (text, cuts, stop) => {
      expect(through(text, cuts, stop)).toBe(untilStopped(text, stop))
    }),
    { numRuns: 1_000 },
  )
})

test('a sequence within a longer one that began before it stops all the same', () => {
  expect([through('cbc', [2], ['b', 'cbc']), through('cbc', [], ['b', 'cbc'])]).toEqual(['c', 'c'])
})

test('nothing is held back where nothing stops', () => {
  expect(createStopFilter([]).push('abc')).toBe('abc')
})

test('the beginning of a sequence is held back until it is known', () => {
  const filter = createStopFilter(['END'])

  expect([filter.push('the E'), filter.push('N'), filter.push('T')]).toEqual(['the ', '', 'ENT'])
})
