import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFairQueue, type FairQueue } from './fair-queue.ts'

const anybody = () => true

function fill(queue: FairQueue<string>, tenantId: string, { count = 1, priority = 0 } = {}): void {
  for (let at = 0; at < count; at += 1) queue.add({ tenantId, priority }, `${tenantId}${at}`)
}

function takeAll(queue: FairQueue<string>): string[] {
  const taken: string[] = []
  for (let item = queue.take(anybody); item !== undefined; item = queue.take(anybody))
    taken.push(item)
  return taken
}

test('a tenant with a hundred questions does not keep another waiting', () => {
  const queue = createFairQueue<string>()
  fill(queue, 'a', { count: 100 })
  queue.take(anybody)
  fill(queue, 'b', { count: 1 })

  expect([queue.take(anybody), queue.take(anybody)]).toContain('b0')
})

test('ten more of priority are twice the turns', () => {
  const queue = createFairQueue<string>()
  fill(queue, 'a', { count: 60 })
  fill(queue, 'b', { count: 60, priority: 10 })
  const first = takeAll(queue).slice(0, 30)

  expect(first.filter((item) => item.startsWith('b'))).toHaveLength(20)
})

test('everything comes out once, each tenant in its own order', () => {
  const asked = fc.array(
    fc.record({
      tenantId: fc.constantFrom('a', 'b', 'c'),
      priority: fc.integer({ min: -20, max: 20 }),
    }),
  )
  fc.assert(
    fc.property(asked, (asks) => {
      const queue = createFairQueue<string>()
      asks.forEach((of, at) => queue.add(of, `${of.tenantId}${at}`))
      const taken = takeAll(queue)
      const given = asks.map(({ tenantId }, at) => `${tenantId}${at}`)
      expect(taken.toSorted()).toEqual(given.toSorted())
      for (const tenant of ['a', 'b', 'c']) {
        const own = (items: readonly string[]) => items.filter((item) => item.startsWith(tenant))
        expect(own(taken)).toEqual(own(given))
      }
      expect(queue.size).toBe(0)
    }),
  )
})

test('of tenants that all wait, none has more than one turn more than another of its weight', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 5, max: 40 }), { minLength: 2, maxLength: 6 }),
      (counts) => {
        const queue = createFairQueue<string>()
        counts.forEach((count, at) => fill(queue, String.fromCodePoint(97 + at), { count }))
        const whileAllWait = takeAll(queue).slice(0, Math.min(...counts) * counts.length)
        const turns = counts.map(
          (_, at) =>
            whileAllWait.filter((item) => item.startsWith(String.fromCodePoint(97 + at))).length,
        )
        expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1)
      },
    ),
  )
})

test('who was refused pays nothing for it', () => {
  const queue = createFairQueue<string>()
  fill(queue, 'a', { count: 50 })
  for (let at = 0; at < 50; at += 1) queue.remove(`a${at}`)
  fill(queue, 'b', { count: 3 })
  fill(queue, 'a', { count: 3 })

  expect(takeAll(queue)).toEqual(['b0', 'a0', 'b1', 'a1', 'b2', 'a2'])
})

test('whoever waits with the most makes room', () => {
  const queue = createFairQueue<string>()
  fill(queue, 'a', { count: 3 })
  fill(queue, 'b', { count: 1 })

  expect(queue.displace('b')).toBe('a2')
  expect(queue.displace('a')).toBeUndefined()
})
