import { createSocket } from 'node:dgram'
import { connect, isIPv6, type Socket } from 'node:net'
import { hostname } from 'node:os'
import type { AuditSink } from '../../core/ports/audit-sink.ts'
import { syslogMessage } from './syslog-message.ts'

export interface SyslogAddress {
  readonly protocol: 'tcp' | 'udp'
  readonly host: string
  readonly port: number
}

const CONNECT_TIMEOUT_MS = 10_000
const origin = () => ({ host: hostname(), processId: process.pid })

/** A datagram a message. Nobody acknowledges them: what the network loses is lost. */
export function createUdpSyslogSink({ host, port }: SyslogAddress): AuditSink {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  socket.unref()
  socket.on('error', () => undefined)
  return {
    async deliver(records) {
      for (const record of records) {
        await new Promise<void>((resolve, reject) => {
          socket.send(syslogMessage(record, origin()), port, host, (error) => {
            if (error) reject(error)
            else resolve()
          })
        })
      }
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

/**
 * Messages behind their length (RFC 6587), on one connection that is kept. A message counts as taken when the
 * operating system has it, for the protocol has no answer.
 */
export function createTcpSyslogSink({ host, port }: SyslogAddress): AuditSink {
  let open: Promise<Socket> | null = null
  const drop = (): void => {
    open = null
  }
  return {
    async deliver(records) {
      open ??= connected(host, port, drop)
      try {
        const socket = await open
        const messages = records.map((record) => syslogMessage(record, origin()))
        const framed = messages.flatMap((message) => [Buffer.from(`${message.length} `), message])
        await new Promise<void>((resolve, reject) => {
          socket.write(Buffer.concat(framed), (error) => {
            if (error) reject(error)
            else resolve()
          })
        })
      } catch (error) {
        drop()
        throw error
      }
    },
    async close() {
      const socket = await open?.catch(() => null)
      await new Promise<void>((resolve) => (socket ? socket.end(() => resolve()) : resolve()))
    },
  }
}

function connected(host: string, port: number, onEnd: () => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS })
    socket.unref()
    socket.once('connect', () => {
      socket.setTimeout(0)
      resolve(socket)
    })
    socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer.`)))
    socket.on('error', (error) => {
      onEnd()
      reject(error)
    })
    // A collector that ends the connection reads nothing of what would be written.
    socket.once('end', () => socket.destroy())
    socket.once('close', onEnd)
    socket.resume()
  })
}
