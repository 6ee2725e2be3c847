import type { ListOptions, OpenSource, SourceItem } from '../../core/ports/source-kind.ts'
import type { FetchOutside, OriginCredentials } from '../../outside/fetch-outside.ts'
import { createFrontier, type Waiting } from './frontier.ts'
import { listPages, lookAt, type ListDeps } from './list-pages.ts'
import { createNormalAddress } from './normal-address.ts'
import { createPace } from './pace.ts'
import { createPoliteFetch } from './polite-fetch.ts'
import { MOST_SITEMAP_BYTES } from './read-sitemap.ts'
import { createRobots } from './robots.ts'
import { createSiteScope } from './site-scope.ts'
import { visitPage } from './visit-page.ts'
import { walkSitemaps } from './walk-sitemaps.ts'
import type { WebSettings } from './web-settings.ts'

export interface SiteDeps {
  readonly fetch: FetchOutside
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly credentials: Readonly<Record<string, string>> | null
  readonly robot: string
  readonly maxFileBytes: number
}

const DEFAULTS = { depth: 5, maxPages: 1_000, requestsPerSecond: 1 }
const MOST_REDIRECTS = 5
/** A site that wants more than a minute between two requests gets a minute. */
const LONGEST_DELAY_SECONDS = 60

export function openSite(settings: WebSettings, deps: SiteDeps): OpenSource['list'] {
  const normal = createNormalAddress(settings.drop_parameters)
  const start = settings.start.flatMap((address) => normal(address) ?? [])
  const scope = createSiteScope(start, settings)
  const credentials: OriginCredentials | null =
    deps.credentials === null
      ? null
      : { origins: new Set(start.map(({ origin }) => origin)), headers: deps.credentials }

  /** Anew for each listing: what a site allows may have changed since. */
  function approach(): Pick<ListDeps, 'rulesOf' | 'visit'> & { readonly walk: typeof walk } {
    const { robot, maxFileBytes } = deps
    const pace = createPace({
      requestsPerSecond: settings.requests_per_second ?? DEFAULTS.requestsPerSecond,
      wait: deps.wait,
    })
    const fetch = createPoliteFetch({ fetch: deps.fetch, pace })
    const get = (url: URL, signal: AbortSignal) =>
      fetch({
        url,
        signal,
        credentials,
        maxRedirects: MOST_REDIRECTS,
        maxBytes: MOST_SITEMAP_BYTES,
      })
    const askRules = createRobots({ robot, get })
    const rulesOf: ListDeps['rulesOf'] = async (url, signal) => {
      const rules = await askRules(url, signal)
      const delay = Math.min(rules.crawlDelaySeconds ?? 0, LONGEST_DELAY_SECONDS)
      if (delay > 0) pace.slow(url.host, delay * 1000)
      return rules
    }
    return {
      rulesOf,
      visit: (wanted) =>
        visitPage(
          {
            robot,
            maxFileBytes,
            normal,
            get: (url, { headers, signal }) =>
              fetch({ url, signal, headers, credentials, maxBytes: maxFileBytes }),
          },
          wanted,
        ),
      walk,
    }

    function walk(signal: AbortSignal) {
      return walkSitemaps({ normal, scope, rulesOf, get }, start, signal)
    }
  }

  return async function* list({ keys, known, signal }: ListOptions): AsyncGenerator<SourceItem> {
    const { rulesOf, visit, walk } = approach()
    const maxPages = settings.max_pages ?? DEFAULTS.maxPages
    const frontier = createFrontier(Math.max(10_000, maxPages * 5))
    const all: ListDeps = {
      scope,
      frontier,
      depth: settings.mode === 'crawl' ? (settings.depth ?? DEFAULTS.depth) : null,
      maxPages,
      maxFileBytes: deps.maxFileBytes,
      trustLastmod: settings.trust_lastmod === true,
      rulesOf,
      visit,
    }
    if (keys !== null) return yield* lookUp(all, keys, { known, signal })
    if (settings.mode !== 'sitemap') for (const url of start) frontier.add(waiting(url, true))
    else {
      for await (const named of walk(signal)) {
        if (named.type === 'skipped') yield named
        else if (scope.takes(named.url)) {
          frontier.add({ ...waiting(named.url, false), lastmod: named.lastmod })
        }
      }
    }
    yield* listPages(all, { known, signal })
  }

  /** Where a page is now is for the next whole listing to say. */
  async function* lookUp(
    all: ListDeps,
    keys: readonly string[],
    { known, signal }: Pick<ListOptions, 'known' | 'signal'>,
  ): AsyncGenerator<SourceItem> {
    for (const key of keys) {
      signal.throwIfAborted()
      const url = normal(key)
      const isStart = start.some(({ href }) => href === key)
      const isMeant = (isStart && settings.mode === 'page') || (url !== null && scope.takes(url))
      if (url?.href !== key || !isMeant) {
        yield { type: 'gone', key }
        continue
      }
      const before = await known(key)
      const entry = waiting(url, false)
      const { item, release } = await lookAt(all, { entry, before, follows: false, signal })
      yield item ?? { type: 'gone', key }
      await release()
    }
  }
}

const waiting = (url: URL, isStart: boolean): Waiting => ({
  url,
  depth: 0,
  hops: 0,
  isStart,
  lastmod: null,
})
