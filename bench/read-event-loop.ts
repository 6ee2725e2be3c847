import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { round } from './percentiles.ts'

/** How late a server's event loop was, in milliseconds. */
export interface EventLoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const PATH = join(tmpdir(), `ragstone-event-loop-${process.pid}.json`)
const PROBE = new URL('event-loop-probe.ts', import.meta.url)

/** What a server must be started with to be asked. */
export const PROBED = {
  NODE_OPTIONS: `--import=${PROBE.href}`,
  BENCH_EVENT_LOOP_FILE: PATH,
}

/** Since the last time it was asked. */
export async function readEventLoopDelay(pid: number): Promise<EventLoopDelay> {
  await rm(PATH, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (let attempt = 0; attempt < 500; attempt += 1) {
    await sleep(10)
    const text = await readFile(PATH, 'utf8').catch(() => '')
    if (text === '') continue
    const { p50, p99, max } = JSON.parse(text) as EventLoopDelay
    return { p50: round(p50), p99: round(p99), max: round(max) }
  }
  throw new Error('The server does not say how late its event loop is.')
}
