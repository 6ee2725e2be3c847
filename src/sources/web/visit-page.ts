import { createHash } from 'node:crypto'
import { TextDecoder } from 'node:util'
import { setImmediate } from 'node:timers/promises'
import { AppError } from '../../core/errors.ts'
import type { KnownItem } from '../../core/ports/source-kind.ts'
import { redirectTarget, type OutsideResponse } from '../../outside/fetch-outside.ts'
import { tooLarge } from '../too-large.ts'
import type { NormalAddress } from './normal-address.ts'
import { createPageReader, readRobotsTag, type PageFacts } from './page-facts.ts'
import { readMemory, type PageMemory } from './page-memory.ts'
import { endingOf, readMediaType, type MediaType } from './readable-types.ts'

/** What came of asking for an address. */
export type Visit =
  | { readonly type: 'unchanged'; readonly memory: PageMemory }
  | { readonly type: 'page'; readonly page: FetchedPage }
  | { readonly type: 'file'; readonly response: OutsideResponse; readonly ending: string }
  | { readonly type: 'redirect'; readonly to: URL | null; readonly lasting: boolean }
  | { readonly type: 'gone'; readonly status: number }
  | { readonly type: 'refused'; readonly reason: string; readonly because: Because }
  /** It may be there. */
  | { readonly type: 'failed'; readonly error: AppError }

/** `denied`: the site or the server's operator does not give it; `unwanted`: it is nothing for a store; `limit`: too long. */
export type Because = 'denied' | 'limit' | 'unwanted'

export interface FetchedPage {
  readonly response: OutsideResponse
  readonly content: Uint8Array
  readonly media: MediaType
  readonly version: string
  /** Normal addresses. */
  readonly links: readonly string[]
  readonly noindex: boolean
}

export interface VisitDeps {
  readonly robot: string
  readonly maxFileBytes: number
  readonly normal: NormalAddress
  readonly get: (
    url: URL,
    options: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ) => Promise<OutsideResponse>
}

/** A page is kept in memory to see its links, and none that says anything to people is longer. */
const LONGEST_PAGE = 25_000_000
const SLICE = 65_536
export const UNINDEXED = 'The site asks not to index it.'
const LASTING = new Set([301, 308])

/** Asks for an address, with the validators of what is known of it where that is enough to go on without the content. */
export async function visitPage(
  deps: VisitDeps,
  wanted: {
    readonly url: URL
    readonly known: KnownItem | null
    readonly needsLinks: boolean
    readonly signal: AbortSignal
  },
): Promise<Visit> {
  const { url, known, needsLinks, signal } = wanted
  const memory = readMemory(known?.memory ?? null, url)
  const enough = memory !== null && (!needsLinks || memory.links !== null)
  try {
    const headers = enough ? validatorsOf(memory) : {}
    const response = await deps.get(url, { headers, signal })
    if (response.status === 304 && enough) {
      await response.discard()
      return { type: 'unchanged', memory }
    }
    return await readAnswer(deps, response)
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error
    return visitOf(error)
  }
}

function visitOf(error: AppError): Visit {
  if (error.code === 'provider_unavailable') return { type: 'failed', error }
  const because = error.code === 'file_too_large' ? 'limit' : 'denied'
  return { type: 'refused', reason: error.message, because }
}

const validatorsOf = ({ etag, modified }: PageMemory): Record<string, string> => ({
  ...(etag === null ? {} : { 'if-none-match': etag }),
  ...(modified === null ? {} : { 'if-modified-since': modified }),
})

async function readAnswer(deps: VisitDeps, response: OutsideResponse): Promise<Visit> {
  const { status, url } = response
  if (status !== 200) {
    await response.discard()
    const lasting = LASTING.has(status)
    if (response.header('location') !== null && status >= 300 && status < 400) {
      const to = redirectTarget(response)
      return { type: 'redirect', to: to === null ? null : deps.normal(to.href), lasting }
    }
    if (status === 404 || status === 410) return { type: 'gone', status }
    return { type: 'refused', reason: `The site answers ${status}.`, because: 'denied' }
  }
  const media = readMediaType(response.header('content-type'))
  const ending = endingOf(media, url)
  if (ending === null) {
    await response.discard()
    const type = media.name === '' ? 'Content without a type' : `Content of type ${media.name}`
    return { type: 'refused', reason: `${type} is not read.`, because: 'unwanted' }
  }
  return ending === 'html'
    ? { type: 'page', page: await readPage(deps, response, media) }
    : readFile(deps, response, ending)
}

async function readFile(
  { robot, maxFileBytes }: VisitDeps,
  response: OutsideResponse,
  ending: string,
): Promise<Visit> {
  const length = Number(response.header('content-length') ?? 0)
  const refused: Visit | null = readRobotsTag(response.header('x-robots-tag'), robot).noindex
    ? { type: 'refused', reason: UNINDEXED, because: 'unwanted' }
    : length > maxFileBytes
      ? { type: 'refused', reason: tooLarge(maxFileBytes), because: 'limit' }
      : null
  if (refused === null) return { type: 'file', response, ending }
  await response.discard()
  return refused
}

async function readPage(
  { robot, maxFileBytes, normal }: VisitDeps,
  response: OutsideResponse,
  media: MediaType,
): Promise<FetchedPage> {
  const most = Math.min(maxFileBytes, LONGEST_PAGE)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.length
    if (bytes > most) {
      throw new AppError('file_too_large', tooLarge(most))
    }
    chunks.push(chunk)
  }
  const content = Buffer.concat(chunks)
  const facts = await readFacts(content, media, robot)
  const tag = readRobotsTag(response.header('x-robots-tag'), robot)
  const base =
    (facts.base === null ? null : URL.parse(facts.base, response.url.href)) ?? response.url
  const links = facts.nofollow || tag.nofollow ? [] : facts.links
  return {
    response,
    content,
    media,
    version: `sha256-${createHash('sha256').update(content).digest('base64url')}`,
    links: [...new Set(links.flatMap((link) => normal(link, base)?.href ?? []))],
    noindex: facts.noindex || tag.noindex,
  }
}

/** In slices: a long page must not hold up whatever else the process does. */
async function readFacts(content: Buffer, media: MediaType, robot: string): Promise<PageFacts> {
  const reader = createPageReader(robot)
  const decoder = decoderOf(media.charset)
  for (let at = 0; at < content.length; at += SLICE) {
    reader.write(decoder.decode(content.subarray(at, at + SLICE), { stream: true }))
    await setImmediate()
  }
  return reader.end()
}

/** UTF-8 for what is not known, with signs for what does not fit. */
export function decoderOf(charset: string | null): TextDecoder {
  try {
    return new TextDecoder(charset ?? 'utf-8')
  } catch {
    return new TextDecoder('utf-8')
  }
}
