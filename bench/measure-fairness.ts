// What one tenant's flood does to the others: four tenants ask now and then, alone, then while a fifth asks fifty times as often,
// then alone again. No neighbour asks a question twice; what was alone before and after counts together, as a server warms up meanwhile.
//   node bench/measure-fairness.ts [--seconds 60] [--documents 200]
// A real server on the embedded database and the extractive answerer, no rate limits (tier `enterprise`): only the queue in
// front of answering stands between the tenants. Writes bench/results/fairness.json.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import OpenAI from 'openai'
import { startRagstone } from '../test/ragstone-process.ts'
import { readCollection } from './collection.ts'
import { loadDocuments } from './load-documents.ts'
import { percentile, round } from './percentiles.ts'
import { writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    documents: { type: 'string', default: '200' },
  },
})
const seconds = Number(options.seconds)
const NEIGHBOURS = 4
/** Of each neighbour, in a second. */
const RATE = 0.5
const FLOOD = 50

export interface FairnessRow {
  readonly who: 'flooding tenant' | 'neighbours alone' | 'neighbours beside the flood'
  /** Questions in a second, of one tenant. */
  readonly rate: number
  readonly answered: number
  readonly refused: number
  /** Of the answered; milliseconds. */
  readonly p50: number
  readonly p95: number
}

const { documents, questions } = await readCollection('scifact')
const files = documents.slice(0, Number(options.documents)).map(({ id, title, text }) => ({
  id,
  filename: `${id}.md`,
  text: `# ${title ?? id}\n\n${text}`,
}))
interface Asked {
  /** Milliseconds of each that was answered. */
  readonly taken: readonly number[]
  readonly refused: number
}

/** Place of the question that each asks next. */
const next = new Map<OpenAI, number>()
const ragstone = await startRagstone({ scopes: ['operator', 'admin'] })
const rows: FairnessRow[] = []
try {
  const names = [...Array.from({ length: NEIGHBOURS }, (_, at) => `neighbour-${at}`), 'flooder']
  const clients: OpenAI[] = []
  for (const name of names) clients.push(await makeTenant(name))
  const neighbours = clients.slice(0, NEIGHBOURS)
  const flooder = clients[NEIGHBOURS]
  if (flooder === undefined) throw new Error('There is no flooder.')
  await askAtRate(neighbours, { rate: RATE, seconds: 10 })
  const before = await askAtRate(neighbours, { rate: RATE, seconds })
  const [flood, beside] = await Promise.all([
    askAtRate([flooder], { rate: RATE * FLOOD, seconds }),
    askAtRate(neighbours, { rate: RATE, seconds }),
  ])
  const after = await askAtRate(neighbours, { rate: RATE, seconds })
  const alone = {
    taken: [...before.taken, ...after.taken],
    refused: before.refused + after.refused,
  }
  rows.push(rowOf('neighbours alone', RATE, alone))
  rows.push(rowOf('neighbours beside the flood', RATE, beside))
  rows.push(rowOf('flooding tenant', RATE * FLOOD, flood))
} finally {
  await ragstone.stop()
}
const growth = round((rows[1]?.p95 ?? Number.NaN) / (rows[0]?.p95 ?? Number.NaN))
console.log(JSON.stringify({ rows, growth }, null, 2))
await writeResults('fairness', { documents: files.length, neighbours: NEIGHBOURS, rows, growth })

async function makeTenant(name: string): Promise<OpenAI> {
  const response = await fetch(`${ragstone.url}/api/tenants`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ragstone.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, tier: 'enterprise' }),
  })
  const { key } = (await response.json()) as { key: string }
  const client = new OpenAI({ baseURL: `${ragstone.url}/v1`, apiKey: key, maxRetries: 0 })
  await loadDocuments(client, name, files)
  return client
}

/** Each client asks at its rate, whether it has its answers or not, as people at many desks do. */
async function askAtRate(
  clients: readonly OpenAI[],
  of: { readonly rate: number; readonly seconds: number },
): Promise<Asked> {
  const taken: number[] = []
  let refused = 0
  const ask = async (client: OpenAI): Promise<void> => {
    const place = next.get(client) ?? 0
    next.set(client, place + 1)
    const question = questions[place % questions.length]
    if (question === undefined) throw new Error('There are no questions.')
    const began = performance.now()
    try {
      await client.responses.create({ input: question.text, store: false })
      taken.push(performance.now() - began)
    } catch (error) {
      if (!(error instanceof OpenAI.APIError) || error.status !== 503) throw error
      refused += 1
    }
  }
  const asking: Promise<void>[] = []
  const everyMs = 1_000 / (of.rate * clients.length)
  const began = performance.now()
  for (let at = 0; at * everyMs < of.seconds * 1_000; at += 1) {
    await sleep(Math.max(0, began + at * everyMs - performance.now()))
    const client = clients[at % clients.length]
    if (client !== undefined) asking.push(ask(client))
  }
  await Promise.all(asking)
  return { taken, refused }
}

function rowOf(who: FairnessRow['who'], rate: number, { taken, refused }: Asked): FairnessRow {
  const [p50, p95] = [round(percentile(taken, 0.5)), round(percentile(taken, 0.95))]
  return { who, rate, answered: taken.length, refused, p50, p95 }
}
