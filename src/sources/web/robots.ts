import robotsParser from 'robots-parser'
import { AppError } from '../../core/errors.ts'
import type { OutsideResponse } from '../../outside/fetch-outside.ts'
import { boundRules } from './bound-rules.ts'

/** What a site allows robots. */
export interface SiteRules {
  allows(url: URL): boolean
  readonly crawlDelaySeconds: number | null
  readonly sitemaps: readonly string[]
}

/** RFC 9309 wants at least 500 KiB to be read. */
const MOST_BYTES = 512_000
const parseRobots = robotsParser as unknown as typeof robotsParser.default

/**
 * The rules of an origin for a robot, asked for once. Throws `provider_unavailable` where they cannot be had: then nothing
 * is allowed, while a site that answers that there are none allows everything (RFC 9309, 2.3.1).
 */
export function createRobots({
  robot,
  get,
}: {
  readonly robot: string
  readonly get: (url: URL, signal: AbortSignal) => Promise<OutsideResponse>
}): (url: URL, signal: AbortSignal) => Promise<SiteRules> {
  const known = new Map<string, Promise<SiteRules>>()
  return ({ origin }, signal) => {
    const found = known.get(origin) ?? ask(new URL('/robots.txt', origin), signal)
    known.set(origin, found)
    return found
  }

  async function ask(address: URL, signal: AbortSignal): Promise<SiteRules> {
    return readRules(await fetchText(address, signal), address)
  }

  async function fetchText(address: URL, signal: AbortSignal): Promise<string> {
    try {
      const response = await get(address, signal)
      if (response.status >= 200 && response.status < 300) return await readStart(response)
      await response.discard()
      return ''
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'input_rejected') throw error
      const message = `${error.message} Its robots.txt cannot be had, so nothing of it may be fetched.`
      throw new AppError('provider_unavailable', message, { cause: error })
    }
  }

  function readRules(text: string, address: URL): SiteRules {
    const rules = parseRobots(address.href, boundRules(text))
    return {
      allows: ({ href, pathname }) =>
        pathname === '/robots.txt' || rules.isAllowed(href, robot) !== false,
      crawlDelaySeconds: rules.getCrawlDelay(robot) ?? null,
      sitemaps: rules.getSitemaps(),
    }
  }
}

/** Whole lines of the first bytes. */
async function readStart(response: OutsideResponse): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MOST_BYTES) break
  }
  const text = Buffer.concat(chunks)
    .subarray(0, MOST_BYTES)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  return bytes > MOST_BYTES ? text.slice(0, text.lastIndexOf('\n') + 1) : text
}
