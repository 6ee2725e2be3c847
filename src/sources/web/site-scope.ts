import { compileGlob } from '../glob.ts'
import { createKeyFilter, type KeyFilter } from '../key-filter.ts'

/** Which addresses belong to a source. */
export interface SiteScope {
  readonly hasHost: (url: URL) => boolean
  /** Becomes a document. */
  takes(url: URL): boolean
  /** Is asked for: it is taken, or its links are followed. */
  enters(url: URL): boolean
}

export interface ScopeSettings extends KeyFilter {
  readonly hosts?: readonly string[]
  readonly follow?: readonly string[]
}

/**
 * The hosts of `start`, with `www.` or without, and those named besides; of their paths what the patterns leave. What is
 * left out may be known by its query too: `wiki/index.php?*action=edit*`.
 */
export function createSiteScope(
  start: readonly URL[],
  { hosts = [], follow = [], ...patterns }: ScopeSettings,
): SiteScope {
  const sites = new Set([...start.map(({ host }) => host), ...hosts].map(siteOf))
  const endings = hosts.filter((host) => host.startsWith('*.')).map((host) => siteOf(host).slice(1))
  const takesPath = createKeyFilter(patterns)
  const entersPath = createKeyFilter({ ...patterns, include: [...follow] })
  const unwanted = (patterns.exclude ?? []).map((glob) => compileGlob(glob, { dot: true }))
  const hasHost = ({ host }: URL) =>
    sites.has(siteOf(host)) || endings.some((ending) => host.endsWith(ending))
  const isIn = (url: URL, hasPath: (path: string) => boolean) => {
    const path = url.pathname.slice(1)
    if (!hasHost(url) || !hasPath(path)) return false
    return url.search === '' || !unwanted.some((matches) => matches?.(path + url.search) === true)
  }
  return {
    hasHost,
    takes: (url) => isIn(url, takesPath),
    enters: (url) => isIn(url, takesPath) || (follow.length > 0 && isIn(url, entersPath)),
  }
}

const siteOf = (host: string): string => host.toLowerCase().replace(/^www\./, '')
