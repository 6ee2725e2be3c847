import { once } from 'node:events'
import type { FastifyReply } from 'fastify'

export interface ServerEvent {
  /** Absent where the protocol names no events. */
  readonly event?: string
  /** Sent as JSON; a string goes as it is. */
  readonly data: unknown
}

export interface EventStream {
  /** Resolves when the caller can take more. Does nothing once the caller is gone. */
  send(event: ServerEvent): Promise<void>
  end(): void
}

export interface EventStreamOptions {
  readonly keepAliveMs: number
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal
}

/** Takes the reply over: headers go out now, and nothing but events follows. */
export function openEventStream(
  reply: FastifyReply,
  { keepAliveMs, signal }: EventStreamOptions,
): EventStream {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...definedHeaders(reply),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    connection: 'keep-alive',
    // nginx buffers a response otherwise until it is complete.
    'x-accel-buffering': 'no',
  })
  raw.flushHeaders()
  raw.socket?.setNoDelay(true)
  // A connection that breaks between two writes is reported by the close event; an error without a listener would end the process.
  raw.on('error', () => undefined)

  // Proxies and clients give up on a silent stream; comments are not events.
  const keepAlive = setInterval(() => {
    if (!raw.writableNeedDrain && !raw.destroyed) raw.write(': keep-alive\n\n')
  }, keepAliveMs)
  keepAlive.unref()
  raw.once('close', () => clearInterval(keepAlive))

  return {
    async send(event) {
      if (raw.destroyed || raw.writableEnded || raw.write(encodeEvent(event))) return
      await drained(reply, signal)
    },
    end() {
      clearInterval(keepAlive)
      raw.end()
    },
  }
}

function encodeEvent({ event, data }: ServerEvent): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  // JSON has no line breaks of its own, so one data line is always enough.
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`
}

async function drained(reply: FastifyReply, signal: AbortSignal): Promise<void> {
  try {
    await once(reply.raw, 'drain', { signal })
  } catch {
    // The caller is gone, or the server must stop: whoever sends sees it from the signal.
  }
}

function definedHeaders(reply: FastifyReply): Record<string, string | number | string[]> {
  const headers: Record<string, string | number | string[]> = {}
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) headers[name] = value
  }
  return headers
}
