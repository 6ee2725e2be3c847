import { expect, test, vi } from 'vitest'
import { createBreaker } from './breaker.ts'
import { createSharedOrLocal } from './shared-or-local.ts'

const SHARED = async () => 'shared'
const LOCAL = async () => 'local'
const broken = new Error('away')
const BROKEN = async (): Promise<string> => {
  throw broken
}

function open() {
  const changes: unknown[] = []
  let isAway = false
  const sharedOrLocal = createSharedOrLocal({
    breaker: createBreaker('it', { threshold: 0.5, window: 1, minimumCalls: 1, openMs: 5 }),
    probe: () => (isAway ? BROKEN() : SHARED()),
    probeEveryMs: 10,
    onChange: (reason) => changes.push(reason),
  })
  return {
    sharedOrLocal,
    changes,
    setAway: (away: boolean) => {
      isAway = away
    },
  }
}

test('while all is well the work is shared', async () => {
  expect(await open().sharedOrLocal.run(SHARED, LOCAL)).toBe('shared')
})

test('a call that finds it away is served here', async () => {
  expect(await open().sharedOrLocal.run(BROKEN, LOCAL)).toBe('local')
})

test('after one failure nobody tries it any longer', async () => {
  const { sharedOrLocal, setAway } = open()
  setAway(true)
  await sharedOrLocal.run(BROKEN, LOCAL)
  const shared = vi.fn(SHARED)

  expect([await sharedOrLocal.run(shared, LOCAL), shared.mock.calls.length]).toEqual(['local', 0])
})

test('its going is told once, however many find out at once', async () => {
  const { sharedOrLocal, changes } = open()
  await Promise.all([1, 2, 3].map(() => sharedOrLocal.run(BROKEN, LOCAL)))

  expect(changes).toEqual([broken])
})

test('a probe that succeeds brings it back, and that is told', async () => {
  const { sharedOrLocal, changes, setAway } = open()
  setAway(true)
  await sharedOrLocal.run(BROKEN, LOCAL)
  setAway(false)
  await expect.poll(() => sharedOrLocal.isShared).toBe(true)

  expect(changes).toEqual([broken, null])
  expect(await sharedOrLocal.run(SHARED, LOCAL)).toBe('shared')
})

test('a lost connection counts as away before anybody calls', () => {
  const { sharedOrLocal } = open()
  sharedOrLocal.lost()

  expect(sharedOrLocal.isShared).toBe(false)
  sharedOrLocal.stop()
})
