import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExtractiveAnswerer } from '../../src/answer/generate/extractive-answerer.ts'
import { createAnswer } from '../../src/answer/pipeline.ts'
import { DEFAULT_RETRIEVAL_SETTINGS } from '../../src/answer/settings.ts'
import type { Message } from '../../src/core/question.ts'
import { chunkDocument } from '../../src/ingest/chunk/chunk.ts'
import { parse } from '../../src/ingest/parse/parse.ts'
import { createLocalEmbedder, type LocalEmbedder } from '../../src/providers/local-embedder.ts'
import { findModelFiles } from '../../src/providers/model-files.ts'
import { createTokenizer } from '../../src/providers/tokenizer.ts'
import { createFreeSpending } from '../free-spending.ts'
import { exampleQuestion } from './example-question.ts'
import { storeLibrary, type StoredLibrary } from './stored-library.ts'
import type { Tokenizer } from '../../src/core/ports/embedding-model.ts'

// Two quarterly reports as they were filed: most passages of both are about net sales and the year before.
const FOLDER = resolve(import.meta.dirname, '../../../shared/data/sec-10-q/docs')
const REPORTS = ['2023 Q3 AAPL.pdf', '2023 Q3 MSFT.pdf']
const SIZE = { maxTokens: 256, overlapTokens: 32 }
const LIMITS = { maxBytes: 2e7, maxExpandedBytes: 2e8, maxPages: 500, maxSeconds: 120 }

const PHONES: readonly Message[] = [
  { role: 'user', text: 'What were the iPhone net sales of Apple in the third quarter of 2023?' },
  { role: 'assistant', text: 'They were $39,669 million [1].' },
]
const FALL = 'iPhone net sales decreased during the third quarter and first nine months of 2023'

describe.skipIf(!existsSync(FOLDER))('follow-ups, by rule (needs the reports)', () => {
  let library: StoredLibrary
  let embedder: LocalEmbedder
  let tokenizer: Tokenizer

  beforeAll(async () => {
    const files = await findModelFiles({ directories: [] })
    if (files === null) throw new Error('The package with the default embedding model is missing.')
    embedder = await createLocalEmbedder({ files, threads: 1 })
    tokenizer = await createTokenizer({ folder: files.folder })
    const texts = REPORTS.map(async (filename) => {
      const content = await readFile(`${FOLDER}/${filename}`)
      const document = await parse(content, filename, LIMITS)
      const chunks = chunkDocument(document, SIZE, { tokenizer })
      return { filename, text: document.text, chunks }
    })
    library = await storeLibrary(embedder, await Promise.all(texts))
  }, 180_000)
  afterAll(async () => {
    await library.close()
    await embedder.close()
  })

  test('"And compared with the year before?" finds the comparison of what was spoken of', async () => {
    expect(await best('And compared with the year before?', PHONES)).toContain(FALL)
  })

  test('"Why did they fall?" finds the reason', async () => {
    expect(await best('Why did they fall?', PHONES)).toContain(FALL)
  })

  test('without its conversation the follow-up finds something else', async () => {
    expect(await best('And compared with the year before?', [])).not.toContain(FALL)
  })

  async function best(text: string, history: readonly Message[]): Promise<string | undefined> {
    const extractive = createExtractiveAnswerer({ embedder, tokenizer })
    const answer = createAnswer({
      ...library,
      ...createFreeSpending(),
      defaultModel: 'extractive',
      embedder,
      tokenizer,
      settings: DEFAULT_RETRIEVAL_SETTINGS,
      answerers: () => extractive,
      clock: () => new Date(),
      onError: (error) => expect.unreachable(String(error)),
    })
    const question = exampleQuestion(text, {
      answerId: `resp_${Math.random()}`,
      tenantId: library.tenantId,
      vectorStoreIds: [library.vectorStoreId],
      history,
    })
    for await (const event of answer(question, new AbortController().signal)) {
      if (event.type === 'searched') return event.chunks[0]?.text
    }
    throw new Error('Nothing was searched.')
  }
})
