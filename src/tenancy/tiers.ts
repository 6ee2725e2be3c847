import type { Limits } from '../core/limits.ts'
import type { Tiers } from './effective-limits.ts'

const GIGABYTE = 1_000_000_000

/** What a tier gives where the configuration says nothing of it. */
const BUILT_IN: Readonly<Record<'enterprise' | 'free' | 'pro', Partial<Limits>>> = {
  free: {
    requestsPerMinute: 120,
    questionsPerMinute: 20,
    questionTokens: 1_000,
    requestTokens: 8_000,
    responseTokens: 2_000,
    concurrentStreams: 4,
    files: 1_000,
    storedBytes: GIGABYTE,
    chunks: 100_000,
    tokensPerDay: 200_000,
    tokensPerMonth: 2_000_000,
    costPerDay: 1,
    costPerMonth: 10,
    priority: 0,
  },
  pro: {
    requestsPerMinute: 1_200,
    questionsPerMinute: 200,
    questionTokens: 4_000,
    requestTokens: 32_000,
    responseTokens: 8_000,
    concurrentStreams: 32,
    files: 50_000,
    storedBytes: 50 * GIGABYTE,
    chunks: 2_000_000,
    tokensPerDay: 5_000_000,
    tokensPerMonth: 100_000_000,
    costPerDay: 50,
    costPerMonth: 1_000,
    priority: 10,
  },
  enterprise: { priority: 20 },
}

/** The built-in tiers and the configured ones; a configured one says all of what it limits. */
export function readTiers(
  configured: readonly ({ readonly name: string } & Partial<Limits>)[],
): Tiers {
  return new Map([
    ...Object.entries(BUILT_IN),
    ...configured.map(({ name, ...limits }) => [name, limits] as const),
  ])
}
