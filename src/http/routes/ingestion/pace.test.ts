import { expect, test } from 'vitest'
import { createPace } from './pace.ts'

const progress = (done: number, total: number) => ({
  files: { total: 1, done: 0, failed: 0 },
  bytes: { total, done },
  chunks: { total: 0, done: 0 },
})

test('the first look gives no estimate', () => {
  expect(createPace(() => 0)('vs_1', progress(0, 100))).toBeNull()
})

test('the second look gives what the pace between them promises', () => {
  let now = 0
  const estimate = createPace(() => now)
  estimate('vs_1', progress(0, 100))
  now = 10_000

  expect(estimate('vs_1', progress(20, 100))).toBe(40)
})

test('a load that is through has nothing left', () => {
  expect(createPace(() => 0)('vs_1', progress(100, 100))).toBe(0)
})

test('loads are told apart', () => {
  let now = 0
  const estimate = createPace(() => now)
  estimate('vs_1', progress(0, 100))
  now = 10_000

  expect(estimate('vs_2', progress(50, 100))).toBeNull()
})
