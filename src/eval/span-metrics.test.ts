import { expect, test } from 'vitest'
import { scoreSpans } from './span-metrics.ts'

const span = (start: number, end: number, documentId = 'd') => ({ documentId, start, end })

test('overlapping retrieved spans count once', () => {
  expect(scoreSpans([span(0, 10), span(5, 15)], [span(0, 15)])).toEqual({
    recall: 1,
    precision: 1,
    iou: 1,
  })
})

test('half of the wanted text in twice its length', () => {
  const scores = scoreSpans([span(5, 25)], [span(0, 10)])

  expect(scores).toEqual({ recall: 0.5, precision: 0.25, iou: 5 / 25 })
})

test('the same positions of another document are worth nothing', () => {
  expect(scoreSpans([span(0, 10, 'other')], [span(0, 10)]).recall).toBe(0)
})
