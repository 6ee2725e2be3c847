// Entry file of a worker thread: loads one model and embeds what it is sent. The runtime's call blocks its thread.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { WorkerAnswer, WorkerRequest, WorkerStart } from './embedding-thread.ts'
import { createWordPiece } from './word-piece.ts'

const CLS = 101n
const SEP = 102n
/** A token covers at most so many characters; the rest of a text could not be seen anyway. */
const CHARACTERS_PER_TOKEN = 100

const { files }: WorkerStart = workerData
const { model } = files

async function loadSession(): Promise<InferenceSession> {
  const weights = await readFile(files.weights)
  const sha256 = createHash('sha256').update(weights).digest('hex')
  if (sha256 !== model.weights.sha256) {
    throw new Error(
      `${files.weights} is not the published ${model.name}: its SHA-256 is ${sha256}.`,
    )
  }
  // One thread a session, more sessions for more cores: the runtime's own threads spin while they wait, and two of
  // them embedded 78 passages of 200 tokens a second where one did 73.
  return InferenceSession.create(weights, { intraOpNumThreads: 1, interOpNumThreads: 1 })
}

const [session, wordPiece] = await Promise.all([loadSession(), createWordPiece(files.folder)])

function toIds(text: string): BigInt64Array {
  const seen = text.slice(0, model.positions * CHARACTERS_PER_TOKEN)
  const pieces = wordPiece.encode(seen).slice(0, model.positions - 2)
  const ids = new BigInt64Array(pieces.length + 2)
  ids[0] = CLS
  for (const [index, id] of pieces.entries()) ids[index + 1] = BigInt(id)
  ids[ids.length - 1] = SEP
  return ids
}

/** Mean of the token vectors, to unit length. */
function pool(tokens: Float32Array, into: Float32Array): void {
  const dimensions = into.length
  for (let index = 0; index < tokens.length; index += 1) {
    const place = index % dimensions
    into[place] = (into[place] ?? 0) + (tokens[index] ?? 0)
  }
  let squares = 0
  for (const value of into) squares += value * value
  const length = Math.sqrt(squares)
  for (let place = 0; place < dimensions; place += 1) into[place] = (into[place] ?? 0) / length
}

async function embed(text: string, into: Float32Array): Promise<void> {
  const ids = toIds(text)
  const shape = [1, ids.length]
  const output = await session.run({
    input_ids: new Tensor('int64', ids, shape),
    attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape),
    token_type_ids: new Tensor('int64', new BigInt64Array(ids.length), shape),
  })
  const tokens = output['last_hidden_state']?.data
  if (!(tokens instanceof Float32Array)) throw new Error('The model gave no token vectors.')
  pool(tokens, into)
}

// Each text by itself: eight together were no faster than one after the other (72 a second at 200 tokens either way),
// need no padding, and int8 quantisation would make a text's vector depend on its neighbours.
async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  const vectors = new Float32Array(request.texts.length * model.dimensions)
  try {
    for (const [index, text] of request.texts.entries()) {
      await embed(text, vectors.subarray(index * model.dimensions, (index + 1) * model.dimensions))
    }
    return { type: 'embedded', vectors }
  } catch (error) {
    return { type: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', (request: WorkerRequest) => {
  void answer(request).then((message) => {
    parentPort?.postMessage(message, message.type === 'embedded' ? [message.vectors.buffer] : [])
  })
})
parentPort?.postMessage({ type: 'ready' } satisfies WorkerAnswer)
