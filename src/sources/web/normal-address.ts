const LONGEST = 1_000

export type NormalAddress = (href: string, base?: URL) => URL | null

/**
 * One spelling of an address: without the fragment, the default port, an empty query and the parameters to drop, escapes
 * in capitals and only where they are needed. Null for what is no address of the web, names a user, or is too long.
 */
export function createNormalAddress(dropParameters: readonly string[] = []): NormalAddress {
  const isDropped = (name: string) =>
    dropParameters.some((pattern) =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    )
  return (href, base) => {
    const url = URL.parse(href, base?.href)
    if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null
    if (url.username !== '' || url.password !== '') return null
    url.hash = ''
    url.hostname = url.hostname.replace(/\.$/, '')
    url.pathname = normalEscapes(url.pathname)
    const query = normalEscapes(keptQuery(url.search, isDropped))
    // What is set loses a question mark in front, be it the first or the second.
    url.search = query === '' ? '' : `?${query}`
    return url.href.length > LONGEST || url.hostname === '' ? null : url
  }
}

/** In the order and spelling in which it came: both can mean something to a site. */
function keptQuery(search: string, isDropped: (name: string) => boolean): string {
  const parts = search.slice(1).split('&')
  return parts.filter((part) => part !== '' && !isDropped(nameOf(part))).join('&')
}

function nameOf(part: string): string {
  const name = part.split('=', 1)[0] ?? ''
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}

function normalEscapes(text: string): string {
  return text.replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase()
  })
}
