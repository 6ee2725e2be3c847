import type { PerMinute, RateSettings } from '../src/limits/rate-scopes.ts'

const UNLIMITED: PerMinute = { requestsPerMinute: null, questionsPerMinute: null }

/** Nobody is held up but by the limits of a tenant and its keys. */
export const NO_RATES: RateSettings = {
  address: { ...UNLIMITED, strangerRequestsPerMinute: null },
  key: UNLIMITED,
  user: UNLIMITED,
  session: UNLIMITED,
}
