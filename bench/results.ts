import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { pathToFileURL } from 'node:url'

/** What a figure was measured on: kept beside every result. */
export interface Environment {
  readonly date: string
  readonly commit: string
  readonly command: string
  readonly node: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  /** Processes that wanted a core in the last minute, as the run began: above the measured work's own, others had a part. */
  readonly loadAtStart: number
}

// Elsewhere for a trial whose figures are not to be kept.
const RESULTS = process.env['BENCH_RESULTS']
  ? pathToFileURL(`${process.env['BENCH_RESULTS']}/`)
  : new URL('results/', import.meta.url)
const loadAtStart = Number((loadavg()[0] ?? 0).toFixed(1))

/** A name may begin with a folder's, `search/postgres-10000-1`, where a page is made of several runs. */
export async function writeResults(name: string, content: object): Promise<void> {
  const file = new URL(`${name}.json`, RESULTS)
  await mkdir(new URL('.', file), { recursive: true })
  const result = { environment: describeEnvironment(), ...content }
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`)
}

/** All runs of a folder, in the order of their names. */
export async function readAllResults<Content>(
  folder: string,
): Promise<readonly (Content & { readonly environment: Environment })[]> {
  const names = await readdir(new URL(`${folder}/`, RESULTS)).catch(() => [])
  const all = await Promise.all(
    names
      .toSorted((one, other) => one.localeCompare(other))
      .map((name) => readResults<Content>(`${folder}/${name.replace('.json', '')}`)),
  )
  return all.filter((one) => one !== null)
}

/** Null when it was never measured. */
export async function readResults<Content>(
  name: string,
): Promise<(Content & { readonly environment: Environment }) | null> {
  const text = await readFile(new URL(`${name}.json`, RESULTS), 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as Content & { environment: Environment })
}

function describeEnvironment(): Environment {
  const script = process.argv[1]?.replace(/^.*\/bench\//, 'bench/') ?? ''
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: readCommit(),
    command: ['node', script, ...process.argv.slice(2)].join(' '),
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAtStart,
  }
}

function readCommit(): string {
  try {
    const run = (...call: string[]) =>
      execFileSync('git', call, { encoding: 'utf8', stdio: 'pipe' }).trim()
    return run('rev-parse', '--short', 'HEAD') + (run('status', '--porcelain', 'src') ? '+' : '')
  } catch {
    return 'uncommitted'
  }
}
