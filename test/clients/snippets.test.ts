import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { withSnippets } from '../../scripts/client-snippets.ts'
import { HANDBOOK, useServedLibrary } from './served-library.ts'

const library = useServedLibrary()
const run = promisify(execFile)
const DOCS = new URL('../../docs/', import.meta.url).pathname
const ANSWER = 'Every employee has thirty days of paid leave a year. [1]'

/** What a snippet prints when a reader runs it. */
async function print(snippet: string, ...more: readonly string[]): Promise<string> {
  const { url, key, storeId } = library()
  const program = snippet.endsWith('.sh') ? 'sh' : process.execPath
  const { stdout } = await run(program, [join(DOCS, 'clients', snippet), ...more], {
    env: {
      PATH: process.env['PATH'],
      RAGSTONE_URL: url,
      RAGSTONE_API_KEY: key,
      RAGSTONE_STORE: storeId,
    },
  })
  return stdout
}
const times = (text: string, part: string) => text.split(part).length - 1

test('openai: uploads, streams, and shows the bytes of each cite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-handbook-'))
  const path = join(folder, 'handbook.md')
  await writeFile(path, HANDBOOK)
  const printed = await print('openai.ts', path)
  await rm(folder, { recursive: true })

  expect(printed).toContain(ANSWER)
  expect(printed).toMatch(/handbook\.md \{\n {2}start: 22,\n {2}end: 74,/)
})

test('openai: chat completions', async () => {
  expect(await print('openai-chat.ts')).toContain(ANSWER)
})

test('AI SDK: both APIs answer with sources, and texts become vectors', async () => {
  const printed = await print('ai-sdk.ts')

  expect(times(printed, ANSWER)).toBe(2)
  expect(printed).toContain('from handbook.md')
  expect(printed).toMatch(/handbook\.md: http:.*\/content/)
  expect(printed).toContain('384 dimensions')
})

test('LangChain.js: both APIs answer, with cites, a retriever and embeddings', async () => {
  const printed = await print('langchain.ts')

  expect(times(printed, ANSWER)).toBe(2)
  expect(printed).toContain("source: 'file_citation',\n    title: 'handbook.md'")
  expect(printed).toMatch(/filename: 'handbook\.md',\n {2}score/)
  expect(printed).toContain('384 dimensions')
})

test('LlamaIndex.TS: chat, streamed and not, with cites and embeddings', async () => {
  const printed = await print('llamaindex.ts')

  // As deltas, as the message, and in what was received.
  expect(times(printed, ANSWER)).toBe(3)
  expect(printed).toContain('"title":"handbook.md"')
  expect(printed).toContain('384 dimensions')
})

test('curl: the events of a stream', async () => {
  const printed = await print('curl.sh')

  expect(printed).toContain('event: response.completed')
  expect(printed).toContain(ANSWER)
})

test('the page shows the snippets as they are: else run node scripts/write-client-docs.ts', async () => {
  const page = await readFile(join(DOCS, 'clients.md'), 'utf8')
  const files = await readdir(join(DOCS, 'clients'))

  expect(page).toBe(withSnippets(page))
  expect(files.filter((file) => !page.includes(`<!-- clients/${file} -->`))).toEqual([])
})
