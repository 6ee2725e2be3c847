import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditLine } from '../../src/core/audit-line.ts'

/** A collector of the audit log on loopback. */
export interface Receiver {
  readonly port: number
  /** What was taken, in the order in which it came. */
  readonly taken: readonly AuditLine[]
  close(): Promise<void>
}

/** How a collector behaves: takes, answers with a failure, says nothing, or cuts the line. */
export type Mood = 'cut' | 'fail' | 'hang' | 'take'

export interface MoodyReceiver extends Receiver {
  mood: Mood
  /** Batches that were begun, taken or not. */
  readonly tries: number
}

const LISTEN = { host: '127.0.0.1', port: 0 }

export async function startUdpReceiver(): Promise<
  Receiver & { readonly texts: readonly string[] }
> {
  const texts: string[] = []
  const socket = createSocket('udp4', (message) => void texts.push(message.toString()))
  await new Promise<void>((resolve) => socket.bind(0, LISTEN.host, resolve))
  return {
    port: socket.address().port,
    texts,
    get taken() {
      return texts.map(lineOf)
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

/** Reads messages behind their length, as RFC 6587 has them. What was read of a line that is cut is forgotten. */
export async function startTcpReceiver(port = 0): Promise<MoodyReceiver> {
  const taken: AuditLine[] = []
  const sockets = new Set<Socket>()
  const state = { mood: 'take' as Mood, tries: 0 }
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    state.tries += 1
    const parts: Buffer[] = []
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (part) => {
      parts.push(part)
      if (state.mood === 'cut' || state.mood === 'fail') socket.resetAndDestroy()
    })
    socket.on('end', () => {
      if (state.mood === 'hang') return
      if (state.mood === 'take') taken.push(...framesOf(Buffer.concat(parts)).map(lineOf))
      socket.end()
    })
  })
  await new Promise<void>((resolve) => server.listen({ ...LISTEN, port }, resolve))
  return Object.assign(state, {
    port: (server.address() as AddressInfo).port,
    taken,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  })
}

export async function startHttpReceiver(): Promise<MoodyReceiver & { readonly url: string }> {
  const taken: AuditLine[] = []
  const state = { mood: 'take' as Mood, tries: 0 }
  const server = createServer((request, response) => {
    state.tries += 1
    void (async () => {
      const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
      if (state.mood === 'hang') return
      if (state.mood === 'cut') return void request.socket.resetAndDestroy()
      if (state.mood === 'take') taken.push(...linesOf(body))
      response.writeHead(state.mood === 'take' ? 204 : 503).end()
    })()
  })
  await new Promise<void>((resolve) => server.listen(LISTEN, resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(state, {
    port,
    url: `http://127.0.0.1:${port}/audit`,
    taken,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  })
}

export function linesOf(text: string): readonly AuditLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditLine)
}

/** The entry of a syslog message, behind its byte order mark. */
function lineOf(message: string): AuditLine {
  return JSON.parse(message.slice(message.indexOf('\uFEFF') + 1)) as AuditLine
}

function framesOf(bytes: Buffer): readonly string[] {
  const frames: string[] = []
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(' ', at)
    const end = space + 1 + Number(bytes.subarray(at, space).toString())
    frames.push(bytes.subarray(space + 1, end).toString())
    at = end
  }
  return frames
}

/** Waits for as long as the test runner lets it. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10)
}
