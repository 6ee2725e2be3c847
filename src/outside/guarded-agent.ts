import { Agent, buildConnector } from 'undici'
import { AppError } from '../core/errors.ts'
import type { Reach } from './reach.ts'

const MOST_HEADER_BYTES = 32_768

export interface AgentTimes {
  readonly connectMs: number
  /** Until the headers are there, and between one part of the body and the next. */
  readonly silenceMs: number
}

/**
 * Connects to what is in reach and to nothing else, whoever uses it: names are resolved to permitted addresses,
 * addresses are looked at as they are, and so is the far end of every connection before anything is sent.
 */
export function createGuardedAgent(reach: Reach, { connectMs, silenceMs }: AgentTimes): Agent {
  const connect = buildConnector({ timeout: connectMs, lookup: reach.lookup, allowH2: false })
  return new Agent({
    allowH2: false,
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    keepAliveTimeout: 4_000,
    maxHeaderSize: MOST_HEADER_BYTES,
    connect: (options, callback) => {
      const host = options.hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '')
      const refused = reach.refusal(new URL(`${options.protocol}//${options.host ?? host}`))
      if (refused !== null) {
        callback(new AppError('input_rejected', refused), null)
        return
      }
      connect(options, (...[error, socket]) => {
        if (error !== null) return callback(error, null)
        const { remoteAddress } = socket
        if (remoteAddress !== undefined && reach.permits(host, remoteAddress)) {
          return callback(null, socket)
        }
        socket.destroy()
        const message = `The host ${host} led into a closed network.`
        return callback(new AppError('input_rejected', message), null)
      })
    },
  })
}
