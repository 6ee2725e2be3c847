import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createReadTeller, type ReadProgress } from './read-progress.ts'

const stages = ['parse', 'chunk'] as const

test('whatever a stage says, what is told never goes back and stays within bounds', () => {
  const said = fc.array(
    fc.tuple(fc.double({ min: -10, max: 200 }), fc.double({ min: -1, max: 100 }), fc.boolean()),
  )
  fc.assert(
    fc.property(said, said, (...calls) => {
      const told: ReadProgress[] = []
      const begin = createReadTeller((progress) => told.push(progress), 0)
      for (const [at, stage] of stages.entries()) {
        const tell = begin(stage)
        for (const [done, of, isPages] of calls[at] ?? [])
          tell(done, of, isPages ? 'pages' : undefined)
      }
      const shares = told.map(({ stage, done }) => stages.indexOf(stage) + (done ?? 0))
      expect(shares).toEqual(shares.toSorted((one, other) => one - other))
      for (const { done } of told) expect(done === null || (done > 0 && done <= 1)).toBe(true)
    }),
  )
})

test('between two tellings there is some time', () => {
  const told: ReadProgress[] = []
  const tell = createReadTeller((progress) => told.push(progress), 60_000)('parse')
  for (let line = 1; line <= 1_000; line++) tell(line, 1_000)
  expect(told).toEqual([{ stage: 'parse', done: null, pages: null }])
})

test('the pages that were parsed are told while the file is cut', () => {
  const told: ReadProgress[] = []
  const begin = createReadTeller((progress) => told.push(progress), 60_000)
  begin('parse')(300, 300, 'pages')
  begin('chunk')
  expect(told.at(-1)).toEqual({ stage: 'chunk', done: null, pages: { done: 300, total: 300 } })
})
