import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'
import { setImmediate } from 'node:timers/promises'
import { Parser } from 'htmlparser2'
import { AppError } from '../../core/errors.ts'
import type { OutsideResponse } from '../../outside/fetch-outside.ts'

export interface Sitemap {
  /** `index` names further sitemaps. */
  readonly type: 'index' | 'pages'
  readonly entries: readonly SitemapEntry[]
}

export interface SitemapEntry {
  readonly address: string
  readonly lastmod: string | null
}

/** Both from the protocol (sitemaps.org). */
const MOST_ENTRIES = 50_000
export const MOST_SITEMAP_BYTES = 52_428_800
const SLICE = 262_144

const unpack = promisify(gunzip)

/** XML, or a text with an address on each line; packed or not. Throws where it is neither, or breaks off. */
export async function readSitemap(response: OutsideResponse): Promise<Sitemap> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  const text = (await unpacked(Buffer.concat(chunks), response.url)).toString('utf8')
  const start = text.slice(0, 1_000).trimStart()
  if (start.replace(/^\uFEFF\s*/, '').startsWith('<')) return readXml(text, response.url)
  const entries = text
    .split(/\r\n|\r|\n/)
    .map((line) => ({ address: line.replace(/^\uFEFF/, '').trim(), lastmod: null }))
    .filter(({ address }) => address !== '')
  if (entries.some(({ address }) => !/^https?:\/\//i.test(address))) throw broken(response.url)
  return bounded({ type: 'pages', entries }, response.url)
}

async function unpacked(content: Buffer, url: URL): Promise<Buffer> {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content
  try {
    return await unpack(content, { maxOutputLength: MOST_SITEMAP_BYTES })
  } catch (error) {
    const message = `The sitemap ${url.href} cannot be unpacked, or is larger than ${MOST_SITEMAP_BYTES} bytes.`
    throw new AppError('provider_unavailable', message, { cause: error })
  }
}

/** Entities that the document defines itself are not expanded, and nothing is loaded. */
async function readXml(text: string, url: URL): Promise<Sitemap> {
  const path: string[] = []
  const entries: SitemapEntry[] = []
  let root: string | null = null
  let whole = false
  let isOver = false
  let address = ''
  let lastmod = ''
  const parser = new Parser(
    {
      onopentag(name) {
        const plain = name.replace(/^.*:/, '').toLowerCase()
        root ??= plain
        path.push(plain)
        if (path.length === 2) [address, lastmod] = ['', '']
      },
      ontext(data) {
        if (path.length !== 3) return
        if (path[2] === 'loc') address += data
        else if (path[2] === 'lastmod') lastmod += data
      },
      onclosetag() {
        if (path.length === 2 && address.trim() !== '' && entries.length <= MOST_ENTRIES) {
          entries.push({ address: address.trim(), lastmod: lastmod.trim() || null })
        }
        path.pop()
        // What breaks off in the middle would make all that follows look as if it had gone.
        if (path.length === 0) whole = !isOver
      },
    },
    { xmlMode: true, decodeEntities: true },
  )
  // In slices: a long sitemap must not hold up whatever else the process does.
  for (let at = 0; at < text.length; at += SLICE) {
    parser.write(text.slice(at, at + SLICE))
    await setImmediate()
  }
  isOver = true
  parser.end()
  if (!whole || (root !== 'urlset' && root !== 'sitemapindex')) throw broken(url)
  return bounded({ type: root === 'urlset' ? 'pages' : 'index', entries }, url)
}

function bounded(sitemap: Sitemap, url: URL): Sitemap {
  if (sitemap.entries.length <= MOST_ENTRIES) return sitemap
  const message = `The sitemap ${url.href} names more than ${MOST_ENTRIES} addresses, the most that the protocol allows.`
  throw new AppError('provider_unavailable', message)
}

const broken = (url: URL): AppError =>
  new AppError('provider_unavailable', `What is at ${url.href} is no whole sitemap.`)
