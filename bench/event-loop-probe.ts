// Loaded into a measured server with --import: on SIGUSR2 it writes how late the event loop was since the last
// SIGUSR2, in milliseconds, to the file named by BENCH_EVENT_LOOP_FILE.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const path = process.env['BENCH_EVENT_LOOP_FILE']
if (isMainThread && path !== undefined) {
  const resolution = 1
  const delays = monitorEventLoopDelay({ resolution })
  delays.enable()
  process.on('SIGUSR2', () => {
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution)
    const report = {
      p50: late(delays.percentile(50)),
      p99: late(delays.percentile(99)),
      max: late(delays.max),
    }
    delays.reset()
    writeFileSync(path, JSON.stringify(report))
  })
}
