import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createLogger } from '../src/telemetry/logger.ts'

/** Secrets that this test process has seen, in whatever way they were made: no log may hold one of them. */
const known = new Set<string>()

/** Shorter ones, like those in tests of bad input, would be found in any log. */
const SHORTEST = 16
const LOOKS = /\brss?_[\w-]{20,}|\beyJ[\w-]+\.[\w-]+\.[\w-]+/g

export function noteSecret(secret: string): void {
  if (secret.length >= SHORTEST) known.add(secret)
}

/** Throws when a secret stands in the text, saying where, and not which. */
export function insistOnNoSecrets(text: string, origin: string): void {
  for (const secret of known) {
    const at = text.indexOf(secret)
    if (at === -1) continue
    const line = text.slice(text.lastIndexOf('\n', at) + 1, at).slice(-200)
    throw new Error(
      `A secret (${secret.slice(0, 4)}…) stands in the log of ${origin}, after: ${line}`,
    )
  }
}

export interface WatchedLog {
  readonly logger: Logger
  /** Learns the secrets that go in and out. */
  watch(app: FastifyInstance): void
  /** Throws when one of them was logged. */
  check(): void
}

/** The product's own logger, saying all that it can say, into memory. */
export function createWatchedLog(): WatchedLog {
  const lines: string[] = []
  const logger = createLogger({
    level: 'trace',
    name: 'test',
    stream: { write: (line: string) => void lines.push(line) },
  })
  return {
    logger,
    watch(app) {
      app.addHook('onRequest', async ({ headers }) => {
        const { authorization = '', cookie = '' } = headers
        noteSecret(authorization.replace(/^\w+ +/, ''))
        for (const pair of cookie.split(';')) noteSecret(pair.split('=').slice(1).join('='))
      })
      app.addHook('onSend', async (_request, _reply, payload) => {
        if (typeof payload === 'string') {
          for (const [secret] of payload.matchAll(LOOKS)) noteSecret(secret)
        }
        return payload
      })
    },
    check: () => insistOnNoSecrets(lines.join(''), 'the application under test'),
  }
}
