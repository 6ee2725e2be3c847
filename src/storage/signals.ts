import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Signal, Signals } from '../core/ports/signals.ts'
import type { Backend } from './backend.ts'

export interface OpenSignals extends Signals {
  close(): Promise<void>
}

const CHANNEL = 'ragstone'
const LONGEST_PAUSE_MS = 10_000
/** Long after a commit, and shortly after a slow one. */
const HEARD_AFTER_MS = [20, 200]

/** By LISTEN and NOTIFY between processes; where there is only one, it tells itself. */
export function openSignals(backend: Backend): OpenSignals {
  const listeners = new Set<(signal: Signal) => void>()
  const tell = (signal: Signal): void => {
    for (const listener of listeners) listener(signal)
  }
  const listen = (listener: (signal: Signal) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return backend.kind === 'postgres'
    ? { ...betweenProcesses(backend, tell), listen }
    : { ...withinProcess(tell), listen }
}

type Ends = Pick<OpenSignals, 'announce' | 'close'>

function withinProcess(tell: (signal: Signal) => void): Ends {
  const timers = new Set<NodeJS.Timeout>()
  return {
    announce(_, signal) {
      for (const delay of HEARD_AFTER_MS) {
        const timer = setTimeout(() => {
          timers.delete(timer)
          tell(signal)
        }, delay)
        timers.add(timer)
      }
    },
    async close() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

function betweenProcesses({ pool }: Backend, tell: (signal: Signal) => void): Ends {
  const closing = new AbortController()
  const listening = (async () => {
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      const wasThere = await listenOnce()
      if (wasThere) failures = 0
      const pause = Math.min(LONGEST_PAUSE_MS, 100 * 2 ** failures)
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  })()

  /** Until the connection ends. Says whether there was one. */
  async function listenOnce(): Promise<boolean> {
    // A connection of its own: one of the pool would be missing there.
    const client = new pg.Client(pool.options)
    const gone = Promise.withResolvers<void>()
    client.on('error', () => gone.resolve())
    client.on('end', () => gone.resolve())
    client.on('notification', ({ payload }) => {
      const signal = readSignal(payload)
      if (signal !== null) tell(signal)
    })
    const leave = (): void => gone.resolve()
    closing.signal.addEventListener('abort', leave, { once: true })
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
      // Whatever was said while nobody listened.
      tell({ type: 'job-sent' })
      await gone.promise
      return true
    } catch {
      return false
    } finally {
      closing.signal.removeEventListener('abort', leave)
      await client.end().catch(() => undefined)
    }
  }

  return {
    announce(transaction, signal) {
      transaction.last('select pg_notify($1, $2)', [CHANNEL, JSON.stringify(signal)])
    },
    async close() {
      closing.abort()
      await listening
    },
  }
}

function readSignal(payload: string | undefined): Signal | null {
  try {
    return JSON.parse(payload ?? '') as Signal
  } catch {
    return null
  }
}
