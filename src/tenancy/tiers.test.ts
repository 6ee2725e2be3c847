import { expect, test } from 'vitest'
import { UNLIMITED } from '../core/limits.ts'
import { readTiers } from './tiers.ts'

test('the tier of the first tenant limits nothing', () => {
  const { priority: _, ...limits } = readTiers([]).get('enterprise') ?? {}

  expect(limits).toEqual({})
})

test.each(['free', 'pro'])('the tier %s limits everything', (name) => {
  expect(Object.keys(readTiers([]).get(name) ?? {}).toSorted()).toEqual(
    Object.keys(UNLIMITED).toSorted(),
  )
})

test('a configured tier of the same name takes the place of all of it', () => {
  expect(readTiers([{ name: 'free', files: 1 }]).get('free')).toEqual({ files: 1 })
})
