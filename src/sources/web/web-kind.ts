import { setTimeout } from 'node:timers/promises'
import type { OpenSource, SourceKind } from '../../core/ports/source-kind.ts'
import { createFetchOutside } from '../../outside/fetch-outside.ts'
import { createGuardedAgent } from '../../outside/guarded-agent.ts'
import type { Reach } from '../../outside/reach.ts'
import { keyFilterRefusal } from '../key-filter.ts'
import { createNormalAddress } from './normal-address.ts'
import { openSite } from './open-site.ts'
import {
  credentialHeaders,
  credentialsRefusal,
  webCredentials,
  webSettings,
  type WebCredentials,
  type WebSettings,
} from './web-settings.ts'

export interface WebKindDeps {
  readonly reach: Reach
  readonly userAgent: string
  readonly maxFileBytes: number
  /** For one address, its content included. */
  readonly fetchSeconds: number
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

const CONNECT_MS = 10_000
const SILENCE_MS = 20_000

/** Pages of sites: named ones, those of sitemaps, or what links lead to. */
export function createWebKind(deps: WebKindDeps): SourceKind<WebSettings, WebCredentials> {
  const wait = deps.wait ?? ((ms, signal) => setTimeout(ms, undefined, { signal }))
  return {
    name: 'web',
    settings: webSettings,
    credentials: webCredentials,

    refusal(settings, credentials) {
      const normal = createNormalAddress()
      for (const address of settings.start) {
        const url = URL.parse(address)
        const refused = url === null ? `${address} is no address.` : deps.reach.refusal(url)
        if (refused !== null) return refused
        if (normal(address) === null) return `${address} is too long.`
      }
      return keyFilterRefusal(settings) ?? credentialsRefusal(credentials)
    },

    open(settings, credentials): OpenSource {
      const silenceMs = Math.min(SILENCE_MS, deps.fetchSeconds * 1000)
      const agent = createGuardedAgent(deps.reach, { connectMs: CONNECT_MS, silenceMs })
      const fetch = createFetchOutside({
        reach: deps.reach,
        agent,
        userAgent: deps.userAgent,
        totalMs: deps.fetchSeconds * 1000,
      })
      const headers = credentials === null ? null : credentialHeaders(credentials)
      const list = openSite(settings, {
        fetch,
        wait,
        credentials: headers,
        robot: robotOf(deps.userAgent),
        maxFileBytes: deps.maxFileBytes,
      })
      return { list, close: () => agent.destroy() }
    },
  }
}

/** The name by which a robots.txt knows it: the first word, without the version. */
const robotOf = (userAgent: string): string => /^[^\s/]*/.exec(userAgent)?.[0] ?? ''
