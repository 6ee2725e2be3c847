import { fetch as fetchThrough, type Agent } from 'undici'
import { AppError } from '../core/errors.ts'
import { limitBytes } from './limit-bytes.ts'
import type { Reach } from './reach.ts'

export interface BoundedFetchOptions {
  readonly reach: Reach
  readonly agent: Agent
  readonly maxBytes: number
}

/**
 * `fetch` for libraries that take one, at addresses that somebody else has named: reaches nothing that is closed, follows
 * no redirect, and reads no more than so much.
 */
export function createBoundedFetch(options: BoundedFetchOptions): typeof globalThis.fetch {
  const { reach, agent, maxBytes } = options
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const refused = reach.refusal(url)
    if (refused !== null) throw new AppError('input_rejected', refused)
    const asked = { ...init, redirect: 'error', dispatcher: agent } as never
    const response = await fetchThrough(url, asked)
    const { body, status, statusText } = response
    if (body === null)
      return new Response(null, { status, statusText, headers: [...response.headers] })
    const chunks: Uint8Array[] = []
    for await (const chunk of limitBytes(body, maxBytes)) chunks.push(chunk)
    return new Response(Buffer.concat(chunks), {
      status,
      statusText,
      headers: [...response.headers],
    })
  }
}
