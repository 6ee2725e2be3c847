// One peer, alone in its process: node run.mjs PEER INPUT_FOLDER OUTPUT_FILE
// Takes passages with ready vectors, times their way in and the searches, and writes what was found.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const K = 10
const DEPTH = 40
const [peer, folder, output] = process.argv.slice(2)
const { dimensions, seconds } = JSON.parse(await readFile(join(folder, 'about.json'), 'utf8'))
const passages = await readRecords('passages')
const questions = await readRecords('questions')
const { open } = await import(`./${peer}.mjs`)

const began = performance.now()
const store = await open({ folder, dimensions })
await store.ingest(passages)
const ingestSeconds = (performance.now() - began) / 1_000
const modes = {}
for (const [mode, search] of Object.entries(store.searches)) {
  const rankings = []
  for (const question of questions) rankings.push(await search(question, DEPTH))
  const nearest = []
  for (const question of questions) nearest.push(await search(question, K))
  modes[mode] = { taken: await time(search), rankings, nearest }
}
await store.close()
await writeFile(output, JSON.stringify({ version: store.version, ingestSeconds, modes }))
process.exit(0)

async function time(search) {
  const taken = []
  const until = performance.now() + seconds * 1_000
  for (let at = 0; performance.now() < until; at += 1) {
    const question = questions[at % questions.length]
    const started = performance.now()
    await search(question, K)
    taken.push(performance.now() - started)
  }
  return taken
}

/** `name.jsonl` with the vectors of `name.f32`. */
async function readRecords(name) {
  const lines = (await readFile(join(folder, `${name}.jsonl`), 'utf8')).split('\n').filter(Boolean)
  const bytes = await readFile(join(folder, `${name}.f32`))
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  return lines.map((line, at) => ({
    ...JSON.parse(line),
    vector: Array.from(numbers.subarray(at * dimensions, (at + 1) * dimensions)),
  }))
}
