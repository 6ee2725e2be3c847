import type { WireLimits, WireOwnLimits } from '../contract/limits.ts'
import type { Limits } from '../core/limits.ts'

type Name = keyof Limits

const WIRE_NAMES = {
  requestsPerMinute: 'requests_per_minute',
  questionsPerMinute: 'questions_per_minute',
  questionTokens: 'question_tokens',
  requestTokens: 'request_tokens',
  responseTokens: 'response_tokens',
  concurrentStreams: 'concurrent_streams',
  files: 'files',
  storedBytes: 'stored_bytes',
  chunks: 'chunks',
  tokensPerDay: 'tokens_per_day',
  tokensPerMonth: 'tokens_per_month',
  costPerDay: 'cost_per_day',
  costPerMonth: 'cost_per_month',
  priority: 'priority',
} as const satisfies Readonly<Record<Name, keyof WireLimits>>
const NAMES = Object.keys(WIRE_NAMES) as readonly Name[]

export function wireLimits(limits: Limits): WireLimits {
  return wireOwnLimits(limits) as WireLimits
}

export function wireOwnLimits(limits: Partial<Limits>): WireOwnLimits {
  return Object.fromEntries(
    NAMES.filter((name) => limits[name] !== undefined).map((name) => [
      WIRE_NAMES[name],
      limits[name],
    ]),
  )
}

export function readOwnLimits(limits: WireOwnLimits): Partial<Limits> {
  return Object.fromEntries(
    NAMES.filter((name) => limits[WIRE_NAMES[name]] !== undefined).map((name) => [
      name,
      limits[WIRE_NAMES[name]],
    ]),
  )
}
