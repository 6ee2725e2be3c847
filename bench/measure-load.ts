// How the server bears people: k6 asks as bench/load/profiles.mjs says, answers not streamed, extractive answerer, embedded database.
//   go install go.k6.io/k6@v1.8.1 && K6=$(go env GOPATH)/bin/k6 node bench/measure-load.ts [--profiles smoke,steady,spike] [--documents 500]
// Without K6 the one on the path is taken. Writes bench/results/load.json.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { startRagstone } from '../test/ragstone-process.ts'
import { readCollection } from './collection.ts'
import { loadDocuments } from './load-documents.ts'
import { round } from './percentiles.ts'
import { residentMiB } from './process-memory.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    profiles: { type: 'string', default: 'smoke,steady,spike' },
    documents: { type: 'string', default: '500' },
  },
})
const PROFILES = new URL('load/profiles.mjs', import.meta.url).pathname
const K6 = process.env['K6'] ?? 'k6'
const run = promisify(execFile)

export interface LoadRow {
  readonly profile: string
  readonly answered: number
  /** 429 or 503 with a time to come back. */
  readonly refused: number
  readonly failed: number
  /** Of answered requests; milliseconds. */
  readonly p50: number
  readonly p95: number
  readonly residentMiB: number
}

const version = (await run(K6, ['version'])).stdout.trim().split(' ').slice(0, 2).join(' ')
const { documents, questions } = await readCollection('scifact')
const files = documents.slice(0, Number(options.documents)).map(({ id, title, text }) => ({
  id,
  filename: `${id}.md`,
  text: `# ${title}\n\n${text}`,
}))
// As it is by default, shedding by the event loop's delay included.
const ragstone = await startRagstone({
  environment: { RAGSTONE_ADMISSION_MAX_EVENT_LOOP_DELAY_MS: '2500' },
})
const folder = await mkdtemp(join(tmpdir(), 'ragstone-load-'))
const rows: LoadRow[] = []
try {
  const { vectorStoreId } = await loadDocuments(ragstone.client, 'load', files)
  for (const profile of options.profiles.split(',')) {
    const summary = join(folder, `${profile}.json`)
    await run(K6, ['run', '--quiet', '--summary-export', summary, PROFILES], {
      env: {
        ...process.env,
        PROFILE: profile,
        RAGSTONE_URL: ragstone.url,
        RAGSTONE_KEY: ragstone.key,
        RAGSTONE_STORE: vectorStoreId,
        QUESTIONS: JSON.stringify(questions.slice(0, 100).map(({ text }) => text)),
      },
    })
    const { metrics } = JSON.parse(await readFile(summary, 'utf8')) as K6Summary
    const times = metrics['http_req_duration{expected_response:true}']
    rows.push({
      profile,
      answered: metrics['answered']?.['count'] ?? 0,
      refused: metrics['refused']?.['count'] ?? 0,
      failed: metrics['failed']?.['count'] ?? 0,
      p50: round(times?.['p(50)'] ?? Number.NaN),
      p95: round(times?.['p(95)'] ?? Number.NaN),
      residentMiB: await residentMiB(ragstone.pid),
    })
    console.log(JSON.stringify(rows.at(-1)))
  }
} finally {
  await ragstone.stop()
  await rm(folder, { recursive: true, force: true })
}
await writeResults('load', { k6: version, documents: files.length, rows })

interface K6Summary {
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>
}
