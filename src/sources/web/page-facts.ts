import { Parser } from 'htmlparser2'

/** What a page says to crawlers. */
export interface PageFacts {
  /** As the page spells them, each once. */
  readonly links: readonly string[]
  readonly base: string | null
  readonly noindex: boolean
  readonly nofollow: boolean
}

export interface PageReader {
  write(text: string): void
  end(): PageFacts
}

const MOST_LINKS = 20_000

/** Reads tags as they come and builds no tree: a page may be long, and nested as deep as it likes. */
export function createPageReader(robot: string): PageReader {
  const links = new Set<string>()
  const orders = new Set<string>()
  let base: string | null = null

  const follow = (href: string | undefined) => {
    const address = href?.trim() ?? ''
    if (address !== '' && !address.startsWith('#') && links.size < MOST_LINKS) links.add(address)
  }
  const readMeta = (attributes: Readonly<Record<string, string>>) => {
    const name = attributes['name']?.trim().toLowerCase()
    if (name === 'robots' || name === robot.toLowerCase()) {
      for (const order of ordersIn(attributes['content'] ?? '')) orders.add(order)
    }
    if (attributes['http-equiv']?.trim().toLowerCase() === 'refresh') {
      follow(/^\s*[\d.]*\s*[;,]\s*url\s*=\s*['"]?([^'"]+)/i.exec(attributes['content'] ?? '')?.[1])
    }
  }
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'base') base ??= attributes['href'] ?? null
      else if (name === 'meta') readMeta(attributes)
      else if (name === 'frame') follow(attributes['src'])
      else if (name === 'a' || name === 'area') {
        const relations = attributes['rel']?.toLowerCase().split(/\s+/) ?? []
        if (!relations.includes('nofollow')) follow(attributes['href'])
      }
    },
  })
  return {
    write: (text) => parser.write(text),
    end() {
      parser.end()
      return { links: [...links], base, ...whatIsOrdered(orders) }
    },
  }
}

/** Of `<meta name=robots>`, and of the header `X-Robots-Tag`, whose orders may be for another robot. */
export function readRobotsTag(header: string | null, robot: string) {
  const orders = new Set<string>()
  let isOurs = true
  for (const part of (header ?? '').split(',')) {
    const named = /^\s*([a-z0-9_-]+)\s*:(.*)$/i.exec(part)
    const [, name = '', rest = ''] = named ?? []
    // A date after a colon is of the order before it, and names nobody.
    if (named !== null && !/^(unavailable_after|max-)/i.test(name)) {
      isOurs = name.toLowerCase() === robot.toLowerCase()
    }
    if (isOurs) for (const order of ordersIn(named === null ? part : rest)) orders.add(order)
  }
  return whatIsOrdered(orders)
}

const ordersIn = (content: string): readonly string[] =>
  content.split(',').map((order) => order.trim().toLowerCase())

const whatIsOrdered = (orders: ReadonlySet<string>) => ({
  noindex: orders.has('noindex') || orders.has('none'),
  nofollow: orders.has('nofollow') || orders.has('none'),
})
