/** What is remembered of a page, so that it need not be fetched again to go on from it. */
export interface PageMemory {
  readonly etag: string | null
  readonly modified: string | null
  /** Normal addresses; null where they are not known, for it was not a crawl or they were too many. */
  readonly links: readonly string[] | null
  /** As its sitemap had it. */
  readonly lastmod: string | null
}

const MOST_BYTES = 65_536

/** Where the links are too many, they are left out, and the page is fetched again to know them. */
export function writeMemory(memory: PageMemory, page: URL): string {
  const { links } = memory
  const short = links?.map((link) => shortened(link, page)) ?? null
  const whole = JSON.stringify({ ...memory, links: short })
  return Buffer.byteLength(whole) <= MOST_BYTES ? whole : JSON.stringify({ ...memory, links: null })
}

/** Null for what is no memory of a page. */
export function readMemory(text: string | null, page: URL): PageMemory | null {
  if (text === null) return null
  try {
    const { etag, modified, links, lastmod } = Object(JSON.parse(text)) as Record<string, unknown>
    return {
      etag: textOf(etag),
      modified: textOf(modified),
      links: Array.isArray(links)
        ? links.flatMap((link) => URL.parse(String(link), page.href)?.href ?? [])
        : null,
      lastmod: textOf(lastmod),
    }
  } catch {
    return null
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Without the origin where it is the page's own; a path that begins with two slashes would name another. */
const shortened = (link: string, { origin }: URL): string =>
  link.startsWith(`${origin}/`) && !link.startsWith(`${origin}//`)
    ? link.slice(origin.length)
    : link
