import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { fileParams } from '../../../contract/file.ts'
import type { FileRecord } from '../../../core/ports/files.ts'
import { notFound } from '../../not-found.ts'
import { RequestError } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { readByteRange, type ByteRange } from './byte-range.ts'
import { findFile } from './find-file.ts'

const bytes = (description: string) => ({
  description,
  content: {
    'application/octet-stream': {
      schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }),
    },
  },
})

export function fileContentRoutes(app: Routes, deps: RouteDeps): void {
  app.get(
    '/v1/files/:file_id/content',
    {
      schema: {
        tags: ['Files'],
        summary: 'Retrieve the bytes of a file',
        description: 'Takes If-None-Match, Range (one range) and If-Range.',
        params: fileParams,
        response: {
          200: bytes('The whole file.'),
          206: bytes('The range that was asked for.'),
          304: Type.Null({ description: 'Not modified.' }),
        },
      },
      config: { scope: 'read', failures: [416] },
    },
    async (request, reply) => {
      const { principal, params } = request
      const file = await findFile(deps, principal.tenantId, params.file_id)
      const etag = `"${file.sha256}"`
      void reply.headers({
        etag,
        'accept-ranges': 'bytes',
        'cache-control': 'private, no-cache',
      })
      if (matches(request.headers['if-none-match'], etag)) {
        return reply.code(304).send(null)
      }
      const range = rangeOf(request, reply, file)
      const opened = await deps.blobs.open(principal.tenantId, file.sha256, range ?? undefined)
      if (opened === null) throw notFound('content of a file', params.file_id)
      return sendBytes(reply, { file, content: opened.content, range })
    },
  )
}

function rangeOf(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  file: FileRecord,
): ByteRange | null {
  const ifRange = headers['if-range']
  if (ifRange !== undefined && ifRange !== `"${file.sha256}"`) return null
  const range = readByteRange(headers.range, file.bytes)
  if (range !== 'unsatisfiable') return range
  void reply.header('content-range', `bytes */${file.bytes}`)
  throw new RequestError(
    'range_not_satisfiable',
    `The file has ${file.bytes} bytes; the range begins behind its end.`,
    { status: 416 },
  )
}

function sendBytes(
  reply: FastifyReply,
  sent: {
    readonly file: FileRecord
    readonly content: AsyncIterable<Uint8Array>
    readonly range: ByteRange | null
  },
) {
  const { file, range } = sent
  const { start, end } = range ?? { start: 0, end: file.bytes }
  void reply
    .type('application/octet-stream')
    .headers({ 'content-disposition': attachment(file), 'content-length': end - start })
  if (range !== null) {
    void reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${file.bytes}`)
  }
  return reply.send(Readable.from(sent.content, { objectMode: false }))
}

function matches(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? []
  return tags.includes('*') || tags.includes(etag)
}

/** RFC 6266: plain letters for old clients, the true name for the rest. */
function attachment({ filename }: FileRecord): string {
  const plain = filename.replaceAll(/[^\w.() -]/g, '_')
  const full = encodeURIComponent(filename).replaceAll(/['()*]/g, percent)
  return `attachment; filename="${plain}"; filename*=UTF-8''${full}`
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
