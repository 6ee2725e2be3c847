import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import type { AuditSink } from '../../core/ports/audit-sink.ts'
import { syslogDatagram, syslogMessage } from './syslog-message.ts'

export interface SyslogAddress {
  readonly host: string
  readonly port: number
}

const origin = () => ({ host: hostname(), processId: process.pid })

/** A datagram a message. Nobody acknowledges them: what the network loses, or nobody listens to, is lost. */
export function createUdpSyslogSink({ host, port }: SyslogAddress): AuditSink {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  socket.unref()
  socket.on('error', () => undefined)
  return {
    async deliver(records) {
      for (const record of records) {
        await new Promise<void>((resolve, reject) => {
          socket.send(syslogDatagram(record, origin()), port, host, (error) => {
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
 * Messages behind their length (RFC 6587). The protocol has no answer, so each batch has a connection of its own, and is
 * taken when the collector has read to its end and closed it: one that is killed before resets the connection instead.
 */
export function createTcpSyslogSink({
  host,
  port,
  timeoutMs,
}: SyslogAddress & { readonly timeoutMs: number }): AuditSink {
  return {
    deliver(records, signal) {
      const messages = records.map((record) => syslogMessage(record, origin()))
      const framed = messages.flatMap((message) => [Buffer.from(`${message.length} `), message])
      return new Promise<void>((resolve, reject) => {
        const socket = connect({ host, port })
        const patience = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
        const give = () =>
          socket.destroy(new Error(`${host}:${port} did not take the audit log in time.`))
        patience.addEventListener('abort', give, { once: true })
        let isSent = false
        let isRead = false
        socket.unref()
        socket.resume()
        socket.on('finish', () => (isSent = true))
        socket.on('end', () => (isRead = isSent))
        socket.on('error', reject)
        socket.on('close', () => {
          patience.removeEventListener('abort', give)
          if (isRead) resolve()
          else
            reject(
              new Error(`${host}:${port} closed the connection before it had read everything.`),
            )
        })
        socket.end(Buffer.concat(framed))
      })
    },
    close: async () => undefined,
  }
}
