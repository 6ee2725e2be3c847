import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BAKE, exampleClaimedJob } from '../../test/example-claimed-job.ts'
import type { ClaimedJob } from './job-row.ts'
import type { JobTable } from './job-table.ts'
import { startWorker, type Line } from './worker.ts'

// Polls and heartbeats never come: only what is woken goes on.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

/** A line that takes its jobs in turn, one that others add to. */
function lineOf(slots: number): { readonly line: Line; readonly jobs: ClaimedJob[] } {
  const jobs: ClaimedJob[] = []
  return { jobs, line: { slots, claim: async () => jobs.shift() ?? null } }
}

function start(lines: readonly Line[], begun: string[]) {
  const never = async () => {
    throw new Error('Nothing here asks for that.')
  }
  const table: JobTable = {
    complete: async () => true,
    withdraw: never,
    bury: never,
    retry: never,
    defer: never,
    park: never,
    handBack: never,
    handBackAll: never,
    wake: never,
    counts: never,
  }
  return startWorker({
    card: { id: 'w', host: 'here', pid: 1, version: '', kind: 'server', slots: 4 },
    handlings: new Map([[BAKE.name, { definition: BAKE, handle: async () => {} }]]),
    lines,
    table,
    workers: { beat: async () => new Set(), reclaim: async () => 0, leave: async () => {} },
    isAmongOthers: false,
    onEvent: ({ type, jobId }) => void (type === 'job-begun' && begun.push(jobId)),
    onError: (error) => {
      throw error
    },
  })
}

test.each([0, 1, 2])('wakes whoever can take the job, line %i of three', async (place) => {
  const lines = [lineOf(2), lineOf(3), lineOf(1)]
  const begun: string[] = []
  const worker = start(
    lines.map(({ line }) => line),
    begun,
  )
  for (const round of ['a', 'b', 'c', 'd']) {
    // All of them rest.
    await setImmediate()
    lines[place]?.jobs.push(
      exampleClaimedJob({ id: `${round}1` }),
      exampleClaimedJob({ id: `${round}2` }),
    )
    worker.wake()
    await setImmediate()
  }
  expect(begun).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2'])
  await worker.stop({ timeoutMs: 1000 })
})
