import { getHeapStatistics } from 'node:v8'
import type { HttpSettings } from '../http/http-deps.ts'
import type { Config } from './config.ts'

/** What the HTTP application is told of the configuration. */
export function httpSettings(config: Config): HttpSettings {
  return {
    pressure: {
      maxEventLoopDelayMs: config.admission.maxEventLoopDelayMs,
      maxHeapBytes: getHeapStatistics().heap_size_limit * config.admission.maxHeapShare,
      maxResidentBytes: config.admission.maxResidentBytes,
    },
    bodyLimitBytes: config.server.bodyLimit,
    requestTimeoutMs: config.server.requestTimeoutSeconds * 1000,
    headersTimeoutMs: config.server.headersTimeoutSeconds * 1000,
    maxConnections: config.server.maxConnections,
    fileLimitBytes: config.ingest.maxFileBytes,
    defaultModel: config.chat.defaultModel,
    allowedOrigins: config.server.allowedOrigins,
    backgroundResponses: config.server.backgroundResponses,
    defaultTier: config.tenancy.defaultTier,
    shutdownGraceMs: config.server.shutdownGraceSeconds * 1000,
    metricsToken: config.server.metricsToken,
    trustedProxies: config.server.trustedProxies,
  }
}
