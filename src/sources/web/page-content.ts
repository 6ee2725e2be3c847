import type { SourceContent } from '../../core/ports/source-kind.ts'
import type { OutsideResponse } from '../../outside/fetch-outside.ts'
import { limitBytes } from '../../outside/limit-bytes.ts'
import { shortAttributes } from '../short-attributes.ts'
import { writeMemory, type PageMemory } from './page-memory.ts'
import { filenameOf, readMediaType } from './readable-types.ts'
import { decoderOf } from './visit-page.ts'

/** What there is to read at an address. */
export function pageContent(of: {
  readonly response: OutsideResponse
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  readonly ending: string
  readonly version: string | null
  readonly memory: PageMemory
  readonly maxFileBytes: number
}): SourceContent {
  const { response, ending, version, memory, maxFileBytes } = of
  const { url } = response
  const { charset } = readMediaType(response.header('content-type'))
  return {
    type: 'content',
    filename: filenameOf(url, ending),
    content: limitBytes(inUtf8(of.content, TEXT.has(ending) ? charset : null), maxFileBytes),
    version,
    memory: writeMemory(memory, url),
    attributes: shortAttributes({ url: url.href }),
  }
}

const TEXT = new Set([
  'html',
  'htm',
  'txt',
  'md',
  'markdown',
  'csv',
  'tsv',
  'json',
  'jsonl',
  'ndjson',
])
const BYTE_ORDER_MARK = '\uFEFF'

/** Only the answer said which characters were meant; whoever reads the content later does not see that. */
async function* inUtf8(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  charset: string | null,
): AsyncGenerator<Uint8Array> {
  const decoder = decoderOf(charset)
  if (decoder.encoding === 'utf-8') return yield* content
  // What the page itself says of its characters is not true any more: the mark goes before it.
  yield Buffer.from(BYTE_ORDER_MARK)
  for await (const chunk of content) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  yield Buffer.from(decoder.decode())
}

export const memoryOf = (
  response: OutsideResponse,
  rest: Pick<PageMemory, 'lastmod' | 'links'>,
): PageMemory => ({
  etag: response.header('etag'),
  modified: response.header('last-modified'),
  ...rest,
})

/** Of a file that is not read to be listed; null where the site says nothing to tell it by. */
export function fileVersion(response: OutsideResponse): string | null {
  const etag = response.header('etag')
  if (etag !== null) return `etag-${etag}`
  const modified = response.header('last-modified')
  return modified === null
    ? null
    : `modified-${modified}-${response.header('content-length') ?? ''}`
}
