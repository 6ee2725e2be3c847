/** How much a tenant, or one of its keys, may use. Null is without limit. Windows are sliding, days and months UTC. */
export interface Limits {
  readonly requestsPerMinute: number | null
  readonly questionsPerMinute: number | null
  readonly questionTokens: number | null
  /** Read by the model for one question: passages, history and instructions. */
  readonly requestTokens: number | null
  readonly responseTokens: number | null
  readonly concurrentStreams: number | null
  readonly files: number | null
  readonly storedBytes: number | null
  readonly chunks: number | null
  readonly tokensPerDay: number | null
  readonly tokensPerMonth: number | null
  /** In the configured currency, like the prices. */
  readonly costPerDay: number | null
  readonly costPerMonth: number | null
  /** Whose questions go first when the server is busy: higher before lower. */
  readonly priority: number
}

export const UNLIMITED: Limits = {
  requestsPerMinute: null,
  questionsPerMinute: null,
  questionTokens: null,
  requestTokens: null,
  responseTokens: null,
  concurrentStreams: null,
  files: null,
  storedBytes: null,
  chunks: null,
  tokensPerDay: null,
  tokensPerMonth: null,
  costPerDay: null,
  costPerMonth: null,
  priority: 0,
}
