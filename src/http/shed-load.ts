import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../core/errors.ts'

export interface PressureLimits {
  /** How late the event loop may be, in milliseconds; 0 is without limit. */
  readonly maxEventLoopDelayMs: number
  readonly maxHeapBytes: number
  /** Of the whole process; null is without limit. */
  readonly maxResidentBytes: number | null
}

const SAMPLE_MS = 250
const RETRY_AFTER_MS = 2_000
const READING = ['GET', 'HEAD', 'OPTIONS']

/**
 * While the process is at its limits no further work is taken on: it would only make the work that is under way late, or
 * end it with the process. Looking and health still answer, for they cost little and are what one needs then.
 */
export function shedLoad(app: FastifyInstance, limits: PressureLimits): void {
  void app.register(underPressure, {
    sampleInterval: SAMPLE_MS,
    maxEventLoopDelay: limits.maxEventLoopDelayMs,
    maxHeapUsedBytes: limits.maxHeapBytes,
    maxRssBytes: limits.maxResidentBytes ?? 0,
    pressureHandler({ method, is404, routeOptions }) {
      if (is404 || READING.includes(method) || routeOptions.config.scope === 'public') return
      throw new AppError(
        'overloaded',
        'The server has more to do than it can for the moment; ask again in a few seconds.',
        { retryAfterMs: RETRY_AFTER_MS },
      )
    },
  })
}
