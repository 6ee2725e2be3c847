import { AppError } from '../../core/errors.ts'
import type { OutsideResponse } from '../../outside/fetch-outside.ts'
import type { NormalAddress } from './normal-address.ts'
import { readSitemap } from './read-sitemap.ts'
import type { SiteRules } from './robots.ts'
import type { SiteScope } from './site-scope.ts'

export type Named =
  | { readonly type: 'page'; readonly url: URL; readonly lastmod: string | null }
  | { readonly type: 'skipped'; readonly key: string; readonly reason: string }

export interface WalkDeps {
  readonly normal: NormalAddress
  readonly scope: SiteScope
  readonly rulesOf: (url: URL, signal: AbortSignal) => Promise<SiteRules>
  /** Follows redirects. */
  readonly get: (url: URL, signal: AbortSignal) => Promise<OutsideResponse>
}

/** Index files may name others; no site needs more steps. */
const DEEPEST = 3

/** What the sitemaps name. Throws where one of them cannot be read: what it names would look as if it had gone. */
export async function* walkSitemaps(
  { normal, scope, rulesOf, get }: WalkDeps,
  start: readonly URL[],
  signal: AbortSignal,
): AsyncGenerator<Named> {
  const waiting: { readonly url: URL; readonly depth: number }[] = []
  const seen = new Set<string>()
  for (const url of start) {
    for (const sitemap of await sitemapsOf(url)) waiting.push({ url: sitemap, depth: 0 })
  }
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { url, depth } = next
    if (seen.has(url.href)) continue
    seen.add(url.href)
    const { type, entries } = await fetchSitemap(url)
    for (const { address, lastmod } of entries) {
      const entry = normal(address, url)
      if (entry === null) continue
      if (type === 'pages') {
        yield { type: 'page', url: entry, lastmod }
      } else if (!scope.hasHost(entry)) yield elsewhere(entry)
      else if (depth === DEEPEST) throw tooDeep(entry)
      else waiting.push({ url: entry, depth: depth + 1 })
    }
  }

  /** Of a site's own address: what its robots.txt names, or where most have it. */
  async function sitemapsOf(url: URL): Promise<readonly URL[]> {
    if (url.pathname !== '/' || url.search !== '') return [url]
    const { sitemaps } = await rulesOf(url, signal)
    const found = sitemaps.flatMap((address) => normal(address, url) ?? []).filter(scope.hasHost)
    return found.length > 0 ? found : [new URL('/sitemap.xml', url)]
  }

  async function fetchSitemap(url: URL) {
    const response = await get(url, signal)
    if (response.status === 200) return readSitemap(response)
    await response.discard()
    const message = `The sitemap ${url.href} is not given: the site answers ${response.status}.`
    throw new AppError('provider_unavailable', message)
  }
}

const elsewhere = ({ href }: URL): Named => ({
  type: 'skipped',
  key: href,
  reason: 'The sitemap is on another host: name it in `hosts` if it belongs to the source.',
})

const tooDeep = ({ href }: URL): AppError =>
  new AppError('provider_unavailable', `The sitemaps are nested too deeply, as far as ${href}.`)
