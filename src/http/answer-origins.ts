import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import { isAllowedOrigin } from './allowed-origin.ts'
import { RequestError } from './request-error.ts'

const EXPOSED = [
  'content-range',
  'etag',
  'idempotency-replayed',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'retry-after-ms',
  'x-request-id',
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const TEN_MINUTES = 600

/** Pages of other origins call with a key and never with a cookie: credentials are not allowed to any of them. */
export function answerOrigins(app: FastifyInstance, allowed: readonly string[]): void {
  void app.register(cors, {
    origin: (origin, done) => done(null, origin !== undefined && isAllowedOrigin(origin, allowed)),
    credentials: false,
    methods: METHODS,
    exposedHeaders: EXPOSED,
    maxAge: TEN_MINUTES,
    strictPreflight: false,
  })
  // A preflight of a page that may not call needs no credentials to be told so.
  app.addHook('onRequest', async ({ method, is404 }) => {
    if (method !== 'OPTIONS' || is404) return
    throw new RequestError(
      'method_not_allowed',
      'OPTIONS is for pages that may call from a browser.',
      {
        status: 405,
      },
    )
  })
}
