import { expect, test } from 'vitest'
import { effectiveLimits } from './effective-limits.ts'
import { readTiers } from './tiers.ts'

const TIERS = readTiers([{ name: 'campus', files: 5 }])

test('a tier limits what it names and nothing else', () => {
  expect(effectiveLimits(TIERS, { tier: 'campus', limits: {} })).toMatchObject({
    files: 5,
    chunks: null,
  })
})

test("a tenant's own limit stands in place of its tier's, and the key's of both", () => {
  const tenant = { tier: 'campus', limits: { files: 6, chunks: 7 } }

  expect(effectiveLimits(TIERS, tenant, { chunks: 1 })).toMatchObject({ files: 6, chunks: 1 })
})

test('a tenant whose tier is no longer configured is limited as the smallest', () => {
  const free = effectiveLimits(TIERS, { tier: 'free', limits: {} })

  expect(effectiveLimits(TIERS, { tier: 'gone', limits: {} })).toEqual(free)
})
