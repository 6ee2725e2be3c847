import { request, type Agent, type Dispatcher } from 'undici'
import { AppError } from '../core/errors.ts'
import { decodeBody } from './decode-body.ts'
import { explainFailure, type Ends } from './explain-failure.ts'
import type { Reach } from './reach.ts'

export interface OutsideRequest {
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Sent to these origins and to no other, whoever redirects there. */
  readonly credentials?: OriginCredentials | null
  /** 0 gives the redirect itself back. */
  readonly maxRedirects?: number
  /** As sent, and again as unpacked. */
  readonly maxBytes: number
  readonly signal?: AbortSignal
}

export interface OriginCredentials {
  readonly origins: ReadonlySet<string>
  readonly headers: Readonly<Record<string, string>>
}

export interface OutsideResponse {
  readonly url: URL
  readonly status: number
  header(name: string): string | null
  /** Unpacked, once. Throws `file_too_large` past the limit and `provider_unavailable` where it breaks off. */
  readonly body: AsyncIterable<Uint8Array>
  /** Whoever does not read the body says so. */
  discard(): Promise<void>
}

/** GET of an address that somebody else has named. Throws `input_rejected` for one that is closed. */
export type FetchOutside = (wanted: OutsideRequest) => Promise<OutsideResponse>

export interface FetchOutsideOptions {
  readonly reach: Reach
  readonly agent: Agent
  readonly userAgent: string
  /** For all of it, redirects and body included. */
  readonly totalMs: number
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
const LONGEST_DISCARDED = 65_536
const LONGEST_DISCARD_MS = 1_000

export function createFetchOutside(options: FetchOutsideOptions): FetchOutside {
  const { reach, agent, userAgent, totalMs } = options

  async function ask(url: URL, wanted: OutsideRequest, ends: Ends) {
    const refused = reach.refusal(url)
    if (refused !== null) throw new AppError('input_rejected', refused)
    const secret = wanted.credentials?.origins.has(url.origin) === true
    try {
      return await request(url, {
        dispatcher: agent,
        signal: AbortSignal.any([
          ends.timeout,
          ...(ends.signal === undefined ? [] : [ends.signal]),
        ]),
        headers: {
          'user-agent': userAgent,
          'accept-encoding': 'gzip, deflate, br',
          ...wanted.headers,
          ...(secret ? wanted.credentials?.headers : {}),
        },
      })
    } catch (error) {
      throw explainFailure(error, url, ends)
    }
  }

  return async (wanted) => {
    const ends = { signal: wanted.signal, timeout: AbortSignal.timeout(totalMs) }
    let url = wanted.url
    for (let redirects = 0; ; redirects++) {
      const response = await ask(url, wanted, ends)
      const target = redirectOf(response, url)
      if (target === null || (wanted.maxRedirects ?? 0) === 0) {
        return describe({ response, url, ends, maxBytes: wanted.maxBytes })
      }
      await discardBody(response)
      if (redirects === wanted.maxRedirects) {
        throw new AppError(
          'provider_unavailable',
          `The host ${wanted.url.host} redirects more than ${wanted.maxRedirects} times.`,
        )
      }
      url = target
    }
  }
}

/** Where a redirect leads; null for any other answer. */
export function redirectTarget(response: OutsideResponse): URL | null {
  if (!REDIRECTS.has(response.status)) return null
  return URL.parse(response.header('location') ?? '', response.url.href)
}

function redirectOf(response: Dispatcher.ResponseData, url: URL): URL | null {
  const location = headerOf(response, 'location')
  if (!REDIRECTS.has(response.statusCode) || location === null) return null
  return URL.parse(location, url.href)
}

function describe(got: {
  readonly response: Dispatcher.ResponseData
  readonly url: URL
  readonly ends: Ends
  readonly maxBytes: number
}): OutsideResponse {
  const { response, url, ends, maxBytes } = got
  const header = (name: string) => headerOf(response, name)
  return {
    url,
    status: response.statusCode,
    header,
    body: decodeBody(response.body, {
      encoding: header('content-encoding'),
      maxBytes,
      explain: (error) => explainFailure(error, url, ends),
    }),
    discard: () => discardBody(response),
  }
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | null {
  const value = headers[name]
  return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
}

/** What is short is read, so that the connection can be used again. */
async function discardBody({ body }: Dispatcher.ResponseData): Promise<void> {
  const signal = AbortSignal.timeout(LONGEST_DISCARD_MS)
  await body.dump({ limit: LONGEST_DISCARDED, signal }).catch(() => undefined)
}
