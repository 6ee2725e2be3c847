import type { AuditSink } from '../core/ports/audit-sink.ts'
import { createFileSink } from '../telemetry/audit/file-sink.ts'
import { createHttpSink } from '../telemetry/audit/http-sink.ts'
import { createStreamSink } from '../telemetry/audit/stream-sink.ts'
import { createTcpSyslogSink, createUdpSyslogSink } from '../telemetry/audit/syslog-sink.ts'
import type { Config } from './config.ts'

/** Null where the table is all there is, or where standard output would be the sink and is not the server's. */
export function createAuditSink(
  { sink, file, url, token, timeoutSeconds }: Config['audit'],
  stdout: NodeJS.WritableStream | null,
): AuditSink | null {
  if (sink === 'file' && file !== null) return createFileSink({ path: file })
  if (sink === 'stdout') return stdout === null ? null : createStreamSink({ stream: stdout })
  if (sink === 'http' && url !== null) {
    return createHttpSink({ url, token, timeoutMs: timeoutSeconds * 1000 })
  }
  return sink === 'syslog' && url !== null ? createSyslogSink(url, timeoutSeconds * 1000) : null
}

const SYSLOG_PORT = 514

function createSyslogSink(url: string, timeoutMs: number): AuditSink {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replaceAll(/^\[|\]$/g, '')
  const address = { host, port: port === '' ? SYSLOG_PORT : Number(port) }
  return protocol === 'tcp:'
    ? createTcpSyslogSink({ ...address, timeoutMs })
    : createUdpSyslogSink(address)
}
