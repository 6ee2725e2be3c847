import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sha256Of } from '../auth/signature-base.ts'
import { RequestError } from './request-error.ts'

declare module 'fastify' {
  interface FastifyRequest {
    digest: { readonly expected: Buffer; readonly hash: Hash } | null
  }
}

/**
 * A body that says its own SHA-256 in Content-Digest (RFC 9530) must have it, before anything is done with it. For signed
 * requests that is what ties the body to the signature; others may send it too.
 */
export function checkDigests(app: FastifyInstance): void {
  app.decorateRequest('digest', null)
  app.addHook('onRequest', async (request) => {
    const header = request.headers['content-digest']
    if (header === undefined) return
    const expected = sha256Of(String(header))
    if (expected === null) {
      throw digestError('Content-Digest must read `sha-256=:…:`, with the hash in base64.')
    }
    request.digest = { expected, hash: hashPassing(request.raw) }
  })
  // After every way in which a body is read, forms included.
  app.addHook('preHandler', async (request) => insistOnDigest(request))
}

async function insistOnDigest({ digest, raw }: FastifyRequest): Promise<void> {
  if (digest === null) return
  // What follows the last part of a form is read by nobody.
  if (!raw.readableEnded && !raw.destroyed) {
    raw.resume()
    await once(raw, 'end')
  }
  if (!digest.hash.digest().equals(digest.expected)) {
    throw digestError('The body is not the one that its Content-Digest was made of.')
  }
}

/** The bytes as they pass. A listener would set them flowing before whoever reads them is there. */
function hashPassing(raw: IncomingMessage): Hash {
  const hash = createHash('sha256')
  const emit = raw.emit.bind(raw)
  raw.emit = (event: string | symbol, ...values: unknown[]) => {
    const [chunk] = values
    if (event === 'data' && (typeof chunk === 'string' || chunk instanceof Uint8Array))
      hash.update(chunk)
    return emit(event, ...values)
  }
  return hash
}

function digestError(message: string): RequestError {
  return new RequestError('invalid_value', message, { param: 'Content-Digest' })
}
