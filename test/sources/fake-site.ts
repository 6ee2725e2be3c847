import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WebCredentials, WebSettings } from '../../src/sources/web/web-settings.ts'
import { createWebKind } from '../../src/sources/web/web-kind.ts'
import type { KnownItem, SourceItem } from '../../src/core/ports/source-kind.ts'
import { startLoopbackServer } from '../outside/loopback-server.ts'
import { openReach } from '../outside/open-reach.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void
export type Pages = Record<string, string | Answer>

export interface FakeSite {
  readonly origin: string
  /** May be changed; what begins with `<` is HTML, `%PDF` a PDF file, the rest plain text. */
  readonly pages: Pages
  /** `200 /a`, in order; empties itself when it is taken. */
  takeLog(): readonly string[]
  readonly requests: readonly IncomingMessage[]
}

/** A site that gives validators and keeps to them. */
export async function startFakeSite(pages: Pages): Promise<FakeSite> {
  let log: string[] = []
  const server = await startLoopbackServer((request, response) => {
    const path = request.url ?? '/'
    const page = pages[path]
    response.on('finish', () => log.push(`${response.statusCode} ${path}`))
    if (typeof page === 'function') page(request, response)
    else answer(request, response, page)
  })
  return {
    ...server,
    pages,
    takeLog() {
      const taken = log
      log = []
      return taken
    },
  }
}

function answer(request: IncomingMessage, response: ServerResponse, text: string | undefined) {
  if (text === undefined) {
    response.writeHead(404)
    response.end()
    return
  }
  const etag = `"${createHash('sha256').update(text).digest('hex')}"`
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag })
    response.end()
    return
  }
  const type = text.startsWith('<')
    ? 'text/html'
    : text.startsWith('%PDF')
      ? 'application/pdf'
      : 'text/plain'
  response.writeHead(200, { etag, 'content-type': type, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

export const redirectTo =
  (location: string, status = 302): Answer =>
  (_, response) => {
    response.writeHead(status, { location })
    response.end()
  }

export const answerWith =
  (status: number, headers: Readonly<Record<string, string>> = {}, text = ''): Answer =>
  (_, response) => {
    response.writeHead(status, headers)
    response.end(text)
  }

export const links = (...hrefs: readonly string[]): string =>
  `<html><body>${hrefs.map((href) => `<a href="${href}">${href}</a>`).join(' ')}</body></html>`

export interface Reading {
  /** What is remembered after it, as a sync would. */
  readonly known: ReadonlyMap<string, KnownItem>
  readonly items: ReadonlyMap<string, SourceItem>
  /** Texts of what was read. */
  readonly texts: ReadonlyMap<string, string>
  readonly filenames: ReadonlyMap<string, string>
  readonly error: unknown
  /** In milliseconds, as the kind would have waited. */
  readonly waits: readonly number[]
  /** Keys of documents, read or not. */
  readonly documents: readonly string[]
}

/** Lists a source as a sync does, without waiting. */
export async function readSource(
  settings: WebSettings,
  options: {
    readonly known?: ReadonlyMap<string, KnownItem>
    readonly keys?: readonly string[]
    readonly credentials?: WebCredentials
    readonly hosts?: readonly string[]
    readonly fetchSeconds?: number
    readonly maxFileBytes?: number
  } = {},
): Promise<Reading> {
  const waits: number[] = []
  const hosts = [...settings.start, ...(options.hosts ?? [])].map((at) => new URL(at).host)
  const kind = createWebKind({
    reach: openReach({ hosts }),
    userAgent: 'Ragstone/1.0',
    maxFileBytes: options.maxFileBytes ?? 100_000,
    fetchSeconds: options.fetchSeconds ?? 1,
    wait: async (ms) => void waits.push(ms),
  })
  const source = kind.open(settings, options.credentials ?? null)
  const before = options.known ?? new Map<string, KnownItem>()
  const known = new Map(before)
  const items = new Map<string, SourceItem>()
  const texts = new Map<string, string>()
  const filenames = new Map<string, string>()
  let error: unknown = null
  try {
    const listing = source.list({
      keys: options.keys ?? null,
      known: async (key) => before.get(key) ?? null,
      signal: new AbortController().signal,
    })
    for await (const item of listing) {
      items.set(item.key, item)
      if (item.type === 'document') await take(item)
    }
  } catch (thrown) {
    error = thrown
  } finally {
    await source.close()
  }
  const documents = [...items.values()].filter(({ type }) => type === 'document')
  return {
    known,
    items,
    texts,
    filenames,
    error,
    waits,
    documents: documents.map(({ key }) => key),
  }

  async function take(item: Extract<SourceItem, { type: 'document' }>) {
    const { key, version } = item
    const was = before.get(key)?.version ?? null
    if (version !== null && version === was) return
    const content = await item.read()
    if (content.type === 'unchanged') known.set(key, { version: was, memory: content.memory })
    if (content.type !== 'content') return
    texts.set(key, Buffer.concat(await Array.fromAsync(content.content)).toString())
    filenames.set(key, content.filename)
    known.set(key, { version: content.version ?? version, memory: content.memory })
  }
}
