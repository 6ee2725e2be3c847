// Other systems beside this one: same passages, same vectors, same machine, one after the other:
//   (cd bench/peers && npm ci) && node bench/measure-peers.ts [--chunks 10000] [--seconds 6] [--only PEER,…]
// Those on PostgreSQL use the server in RAGSTONE_TEST_DATABASE_URL; for Chroma see bench/peers/chroma.mjs. Writes bench/results/peers.json.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { ndcgAt } from '../src/eval/ranking-metrics.ts'
import { createDatabaseOfOwn, SERVER_URL } from './corpus/open-database.ts'
import { readRealCorpus, type Passage } from './corpus/passages.ts'
import { synthesise } from './corpus/synthesise.ts'
import { runRagstone } from './ragstone-as-peer.ts'
import { percentile, round } from './percentiles.ts'
import { writeResults } from './results.ts'

export interface PeerRun {
  readonly version: string
  readonly ingestSeconds: number
  /** By the way of searching; ids of passages, best first. */
  readonly modes: Readonly<
    Record<
      string,
      {
        readonly taken: readonly number[]
        readonly rankings: readonly (readonly string[])[]
        readonly nearest: readonly (readonly string[])[]
      }
    >
  >
}

export interface PeerRow {
  readonly system: string
  readonly version: string
  readonly mode: string
  readonly chunks: number
  readonly chunksPerSecond: number
  readonly p50: number
  readonly p95: number
  readonly samples: number
  /** Of the truly nearest ten, the share found; only where the way of searching is by vectors alone. */
  readonly recall10: number | null
  /** SciFact, by documents; null where passages were made up beside the real ones. */
  readonly ndcg10: number | null
}

const PEERS = ['langchain-pgvector', 'mastra-pg', 'lancedb', 'chroma'] as const
const ON_POSTGRES: readonly string[] = ['langchain-pgvector', 'mastra-pg']
const { values: options } = parseArgs({
  options: {
    chunks: { type: 'string' },
    seconds: { type: 'string', default: '6' },
    only: { type: 'string', default: ['ragstone-pglite', 'ragstone-postgres', ...PEERS].join(',') },
  },
})
const only = new Set(options.only.split(','))
const real = await readRealCorpus()
const count = Number(options.chunks ?? real.passages.length)
const passages = [...synthesise(real.passages, { count })].map((passage, at) => ({
  id: `p${at}`,
  ...passage,
}))
const documentOf = new Map(passages.map(({ id, documentId }) => [id, documentId]))
const exact = real.questions.map(({ vector }) => nearest(vector, 10))
const folder = await mkdtemp(join(tmpdir(), 'ragstone-peers-'))
const rows: PeerRow[] = []
const absent: { readonly system: string; readonly why: string }[] = []
try {
  await writeInput()
  const seconds = Number(options.seconds)
  for (const kind of ['pglite', 'postgres'] as const) {
    if (!only.has(`ragstone-${kind}`)) continue
    await attempt(`ragstone-${kind}`, () => runRagstone({ kind, real, passages, seconds }))
  }
  for (const peer of PEERS) if (only.has(peer)) await attempt(peer, () => runPeer(peer))
} finally {
  await rm(folder, { recursive: true, force: true })
}
await writeResults('peers', {
  method: {
    passages: passages.length,
    real: real.passages.length,
    questions: real.questions.length,
    k: 10,
    concurrency: 1,
  },
  rows,
  absent,
})

async function attempt(system: string, run: () => Promise<PeerRun>): Promise<void> {
  try {
    for (const row of toRows(system, await run())) {
      rows.push(row)
      console.log(JSON.stringify(row))
    }
  } catch (error) {
    const why = reasonOf(error)
    absent.push({ system, why })
    console.log(JSON.stringify({ system, why }))
  }
}

/** The error that ended a peer's process, not the command that started it. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const lines = text.split('\n').map((line) => line.trim())
  return lines.find((line) => /^\w*Error: /.test(line)) ?? lines[0] ?? ''
}

async function runPeer(peer: string): Promise<PeerRun> {
  if (ON_POSTGRES.includes(peer) && SERVER_URL === undefined)
    throw new Error('No PostgreSQL was given.')
  const database = ON_POSTGRES.includes(peer) ? await createDatabaseOfOwn() : null
  const output = join(folder, `${peer}.json`)
  const environment = database === null ? {} : { PEER_DATABASE_URL: database.url }
  try {
    const program = new URL('peers/run.mjs', import.meta.url).pathname
    await promisify(execFile)(process.execPath, [program, peer, folder, output], {
      env: { ...process.env, ...environment },
      maxBuffer: 1e8,
    })
    return JSON.parse(await readFile(output, 'utf8')) as PeerRun
  } finally {
    await database?.drop()
  }
}

async function writeInput(): Promise<void> {
  const { dimensions } = real
  const about = { dimensions, seconds: Number(options.seconds) }
  await writeFile(join(folder, 'about.json'), JSON.stringify(about))
  const write = async (
    name: string,
    records: readonly { id: string; text: string; vector: Float32Array }[],
  ) => {
    const lines = records.map(({ id, text }) => JSON.stringify({ id, text }))
    await writeFile(join(folder, `${name}.jsonl`), lines.join('\n'))
    const vectors = new Float32Array(records.length * dimensions)
    records.forEach(({ vector }, at) => vectors.set(vector, at * dimensions))
    await writeFile(join(folder, `${name}.f32`), new Uint8Array(vectors.buffer))
  }
  await write(
    'passages',
    passages.map(({ id, context, text, vector }) => ({ id, text: `${context}\n${text}`, vector })),
  )
  await write(
    'questions',
    real.questions.map(({ text, vector }, at) => ({ id: `q${at}`, text, vector })),
  )
}

function toRows(system: string, run: PeerRun): PeerRow[] {
  return Object.entries(run.modes).map(([mode, { taken, rankings, nearest: found }]) => ({
    system,
    version: run.version,
    mode,
    chunks: passages.length,
    chunksPerSecond: round(passages.length / run.ingestSeconds),
    p50: round(percentile(taken, 0.5)),
    p95: round(percentile(taken, 0.95)),
    samples: taken.length,
    recall10: mode === 'dense' ? mean(found.map((ids, at) => shareOf(exact[at] ?? [], ids))) : null,
    ndcg10:
      passages.length !== real.passages.length
        ? null
        : mean(
            real.questions.map(({ judgements }, at) =>
              ndcgAt(10, documentsOf(rankings[at] ?? []), judgements),
            ),
          ),
  }))
}

function documentsOf(ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => documentOf.get(id) ?? ''))]
}

function nearest(vector: Float32Array, k: number): string[] {
  const similarity = ({ vector: other }: Passage): number => {
    let sum = 0
    for (let at = 0; at < vector.length; at += 1) sum += (vector[at] ?? 0) * (other[at] ?? 0)
    return sum
  }
  return passages
    .map((passage) => ({ id: passage.id, near: similarity(passage) }))
    .sort((left, right) => right.near - left.near)
    .slice(0, k)
    .map(({ id }) => id)
}

function shareOf(wanted: readonly string[], found: readonly string[]): number {
  return wanted.filter((id) => found.includes(id)).length / wanted.length
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
