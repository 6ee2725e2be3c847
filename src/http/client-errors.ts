import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createId } from '../core/id.ts'
import { secureHeaders } from './secure-headers.ts'

/** What is not even HTTP still gets an envelope, a request id and the headers that every answer has. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return
  const status = STATUS[error.code ?? ''] ?? 400
  const { headers, body } = refusal(status)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
}

/** Left alone, Node.js refuses what a caller expects beside `100-continue` without a word. */
export function answerExpectations(server: Server): void {
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { headers, body } = refusal(417)
    response.writeHead(417, headers).end(body)
  })
}

function refusal(status: number) {
  const body = JSON.stringify({
    error: {
      message: SENTENCE[status] ?? 'The request is not valid HTTP.',
      type: 'invalid_request_error',
      code: 'invalid_request',
      param: null,
    },
  })
  const headers = {
    ...secureHeaders({ protocol: 'http' }),
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': createId('req_'),
    connection: 'close',
  }
  return { headers, body }
}

const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
}
const SENTENCE: Readonly<Record<number, string>> = {
  408: 'The request was not sent in time.',
  413: 'The extensions of a chunk of the request are too large.',
  417: 'The server does not do what the header Expect asks for.',
  431: 'The request headers are too large.',
}
