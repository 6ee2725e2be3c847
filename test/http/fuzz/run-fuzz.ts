import { setTimeout as sleep } from 'node:timers/promises'
import type { RagstoneProcess } from '../../ragstone-process.ts'
import { createDraw } from './draw.ts'
import { drawRequest } from './draw-request.ts'
import { showRequest, type FuzzRequest } from './fuzz-request.ts'
import { openFuzzWorld, type FuzzWorld } from './fuzz-world.ts'
import { faultOf } from './judge-answer.ts'
import { exchange } from './raw-exchange.ts'

export interface FuzzReport {
  /** Each with its request, and how to send that again. */
  readonly faults: readonly string[]
  readonly sent: number
  readonly accepted: number
  /** Operations that no request came through to. */
  readonly neverAnswered: readonly string[]
  /** Bytes in use after a collection. */
  readonly memory: { readonly third: number; readonly end: number }
}

/** Far above the slowest answer, and above what a busy machine makes of it. */
const PATIENCE_MS = 60_000
const RESTOCK_EVERY = 400
const MOST_FAULTS = 30

export async function runFuzz(
  server: RagstoneProcess,
  { seed, from, to }: { readonly seed: number; readonly from: number; readonly to: number },
): Promise<FuzzReport> {
  const world = await openFuzzWorld(server)
  const faults = new Map<string, string>()
  const reached = new Set<string>()
  let accepted = 0
  let third = 0
  for (let at = from; at < to && faults.size < MOST_FAULTS; at += 1) {
    if (at > from && at % RESTOCK_EVERY === 0) await world.restock()
    if (at - from === Math.floor((to - from) / 3)) third = await memoryOf(server)
    const request = drawRequest(createDraw(seed, at), world)
    const { fault, status } = await tried(world, request)
    if (status < 400) accepted += 1
    if (status !== 401 || request.operation.isPublic) reached.add(request.operation.name)
    if (fault === null) continue
    const again = `RAGSTONE_FUZZ_SEED=${seed} RAGSTONE_FUZZ_ONLY=${at} npm test -- test/http/fuzz.test.ts`
    const kind = `${request.operation.name} ${fault.slice(0, 60)}`
    if (!faults.has(kind)) faults.set(kind, `${fault}\n${showRequest(request)}\n${again}`)
  }
  return {
    faults: [...faults.values()],
    sent: to - from,
    accepted,
    neverAnswered: world.operations.map(({ name }) => name).filter((name) => !reached.has(name)),
    memory: { third, end: await memoryOf(server) },
  }
}

async function tried(
  world: FuzzWorld,
  request: FuzzRequest,
): Promise<{ readonly fault: string | null; readonly status: number }> {
  const bytes = Buffer.concat([Buffer.from(`${request.head}\r\n\r\n`, 'latin1'), request.body])
  const { answer, silent } = await exchange(world.port, bytes, {
    patienceMs: PATIENCE_MS,
    maybeCut: request.oddWire,
  })
  if (silent) return { fault: 'is not answered', status: 0 }
  if (answer === null) return { fault: request.oddWire ? null : 'is hung up on', status: 0 }
  return { fault: faultOf(request, answer, world.operations), status: answer.status }
}

/** Once what the last requests left to do is done. */
async function memoryOf(server: RagstoneProcess): Promise<number> {
  await sleep(500)
  const before = server.log().length
  process.kill(server.pid, 'SIGUSR2')
  for (let waits = 0; waits < 1_200; waits += 1) {
    await sleep(50)
    const [, bytes] = /memory in use: (\d+)/.exec(server.log().slice(before)) ?? []
    if (bytes !== undefined) return Number(bytes)
  }
  throw new Error('The server did not say what memory it uses.')
}
