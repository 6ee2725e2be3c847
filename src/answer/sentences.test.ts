import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sentencesOf } from './sentences.ts'

test('prose is read across wrapped lines and abbreviations', () => {
  expect(
    textsOf('The fee for Dr. Meyer was paid, cf. the report on\npage 4. It was 3.5 percent.'),
  ).toEqual(['The fee for Dr. Meyer was paid, cf. the report on\npage 4.', 'It was 3.5 percent.'])
})

test('headings, items and table rows are pieces of their own', () => {
  const text =
    '# Returns\n\n- within 14 days\n- unopened\n\n| Year | Sales |\n|---|---|\n| 2022 | 82,959 |'

  expect(sentencesOf(text).map(({ kind }) => kind)).toEqual([
    'heading',
    'item',
    'item',
    'row',
    'row',
    'row',
  ])
})

test('lines of figures from a report are rows', () => {
  const text = 'Products $ 63,355 $ 63,948\nServices 19,604 17,486\nTotal net sales 82,959 81,434'

  expect(textsOf(text)).toEqual(text.split('\n'))
})

test('a short line without a full stop before a capital ends where it ends', () => {
  expect(
    textsOf('Opening hours\nThe shop opens at nine in the morning on every working day.'),
  ).toEqual(['Opening hours', 'The shop opens at nine in the morning on every working day.'])
})

test('fenced code stays together', () => {
  expect(textsOf('Run this:\n\n```\nconst a = 1\nuse(a)\n```\n\nDone with that.')).toEqual([
    'Run this:',
    'const a = 1\nuse(a)',
    'Done with that.',
  ])
})

test('program text is cut at blank lines', () => {
  const text = 'fn main() {\n    run();\n}\n\nfn other() {\n    stop();\n}'

  expect(textsOf(text)).toEqual(text.split('\n\n'))
})

const piece = fc.constantFrom(
  'word',
  ' ',
  '\n',
  '. ',
  '| a ',
  '- ',
  '```\n',
  '# ',
  '🎉',
  'é',
  'A',
  ';\n',
  '12 13 ',
  '{',
)
const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))

test('pieces are in order, apart, trimmed and not empty', () => {
  fc.assert(
    fc.property(text, (input) => {
      let last = 0
      for (const { start, end } of sentencesOf(input)) {
        expect(start).toBeGreaterThanOrEqual(last)
        expect(input.slice(start, end)).toBe(input.slice(start, end).trim())
        expect(end).toBeGreaterThan(start)
        last = end
      }
    }),
  )
})

test('no piece is longer than 700 characters, and none begins or ends inside a character', () => {
  fc.assert(
    fc.property(fc.constantFrom('🎉', 'ab', 'x '), fc.nat(2000), (unit, times) => {
      for (const { start, end } of sentencesOf(unit.repeat(times))) {
        expect(end - start).toBeLessThanOrEqual(700)
        expect(unit.repeat(times).slice(start, end).isWellFormed()).toBe(true)
      }
    }),
  )
})

function textsOf(input: string): string[] {
  return sentencesOf(input).map(({ start, end }) => input.slice(start, end))
}

test('prose behind the closing fence of a block that began before the passage is prose', () => {
  const text =
    'console.log(text)\n```\n\nThe server checks this.\n\n```sh\nnpm start\n```\n\nIt starts.'

  expect(sentencesOf(text).map(({ kind, start, end }) => [kind, text.slice(start, end)])).toEqual([
    ['code', 'console.log(text)'],
    ['prose', 'The server checks this.'],
    ['code', 'npm start'],
    ['prose', 'It starts.'],
  ])
})
