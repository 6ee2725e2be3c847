/** What ingestion can read, by the type that a server gives it; the value is the ending that says so in a name. */
const ENDINGS: Readonly<Record<string, string>> = {
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'application/pdf': 'pdf',
  'application/x-pdf': 'pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/epub+zip': 'epub',
  'text/plain': 'txt',
  'text/markdown': 'md',
  'text/x-markdown': 'md',
  'text/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'application/json': 'json',
  'application/x-ndjson': 'jsonl',
  'application/jsonl': 'jsonl',
}

// Served under these, a file is what its name says.
const SAYS_NOTHING = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'text/plain'])
const NAMED = new Set([...Object.values(ENDINGS), 'htm', 'markdown', 'ndjson'])

export interface MediaType {
  /** Lower-case, without parameters; empty where none is given. */
  readonly name: string
  readonly charset: string | null
}

export function readMediaType(header: string | null): MediaType {
  const [name = '', ...parameters] = (header ?? '').split(';')
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/i.exec(parameter)?.[1])
    .find((found) => found !== undefined)
  return { name: name.trim().toLowerCase(), charset: charset?.toLowerCase() ?? null }
}

/** The ending of a name for it; null for what is not read. */
export function endingOf({ name }: MediaType, url: URL): string | null {
  const named = /\.([a-z0-9]{2,8})$/i.exec(url.pathname)?.[1]?.toLowerCase() ?? ''
  if (SAYS_NOTHING.has(name) && NAMED.has(named)) return named
  return ENDINGS[name] ?? null
}

const MEDIA =
  /\.(7z|aac|avi|avif|bmp|css|dmg|eot|exe|flac|gif|gz|ico|iso|jpe?g|js|m4a|m4v|mjs|mkv|mov|mp3|mp4|msi|ogg|otf|png|rar|svg|tar|tgz|tiff?|ttf|wav|webm|webp|woff2?|zip)$/i

/** A name that promises what cannot be read: no crawl asks for it. */
export const isMedia = ({ pathname }: URL): boolean => MEDIA.test(pathname)

/** The last part of the path, or the host, with the ending. */
export function filenameOf(url: URL, ending: string): string {
  const last = url.pathname.split('/').findLast((part) => part !== '') ?? url.hostname
  const name = decoded(last)
    .replaceAll(/[/\\\p{Cc}]/gu, '-')
    .slice(0, 200)
  return name.toLowerCase().endsWith(`.${ending}`) ? name : `${name}.${ending}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
