import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { onEveryLeases } from './lease-worlds.ts'

const lease = (holder: string, ttlMs = 60_000) => ({ key: 'streams:key:a', holder, ttlMs })

onEveryLeases('leases', (world) => {
  test('as many are held as the limit, and no more', async () => {
    const leases = world.make()
    const taken = []
    for (const holder of ['a', 'b', 'c']) taken.push(await leases.take(lease(holder), 2))

    expect(taken).toEqual([true, true, false])
  })

  test('as many that come at once hold one as the limit', async () => {
    const leases = world.make()
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, index) => leases.take(lease(String(index)), 7)),
    )

    expect(taken.filter(Boolean)).toHaveLength(7)
  })

  test('one that is released makes room', async () => {
    const leases = world.make()
    await leases.take(lease('a'), 1)
    await leases.release(lease('a'))

    expect(await leases.take(lease('b'), 1)).toBe(true)
  })

  test('releasing what is not held frees nothing', async () => {
    const leases = world.make()
    await leases.take(lease('a'), 1)
    await leases.release(lease('b'))

    expect(await leases.take(lease('c'), 1)).toBe(false)
  })

  test('who holds one already may take it again', async () => {
    const leases = world.make()
    await leases.take(lease('a'), 1)

    expect(await leases.take(lease('a'), 1)).toBe(true)
  })

  test('what is not renewed ends by itself', async () => {
    const leases = world.make()
    await leases.take(lease('a', 50), 1)
    await sleep(60)

    expect(await leases.take(lease('b'), 1)).toBe(true)
  })

  test('what is renewed is held on', async () => {
    const leases = world.make()
    await leases.take(lease('a', 50), 1)
    await leases.renew(lease('a'))
    await sleep(60)

    expect(await leases.take(lease('b'), 1)).toBe(false)
  })

  test('what was lost is held again once it is renewed', async () => {
    const leases = world.make()
    await leases.renew(lease('a'))

    expect(await leases.take(lease('b'), 1)).toBe(false)
  })

  test('different keys have nothing to do with each other', async () => {
    const leases = world.make()
    await leases.take(lease('a'), 1)

    expect(await leases.take({ ...lease('b'), key: 'streams:key:b' }, 1)).toBe(true)
  })
})
