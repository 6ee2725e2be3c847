import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createId } from '../../src/core/id.ts'
import { useHttpWorld } from '../http/world.ts'
import { runCommand } from './run-command.ts'

const world = useHttpWorld()
let store = ''

beforeEach(async () => {
  store = (await world().client.vectorStores.create({ name: createId('vs_').slice(3) })).name
})

const questions = (...argv: string[]) => withInput('', ...argv)
const withInput = (text: string, ...argv: string[]) =>
  runCommand(['--api-key', world().key, 'questions', ...argv], {
    url: world().url,
    readInput: async () => text,
  })

interface Kept {
  readonly id: string
  readonly question: string
  readonly expected: readonly { readonly file: string; readonly quote: string | null }[]
}
const read = (lines: string) =>
  lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Kept)
const listed = async (of = store) => read((await questions('list', of, '--json')).out)

test('a golden question is added with the words that answer it', async () => {
  const words = ['--file', 'handbook.md', '--quote', 'thirty days']
  const { code, out, err } = await questions('add', store, 'How many days?', ...words)

  expect(code).toBe(0)
  expect(err).toContain('ragstone embeddings compare')
  expect(await listed()).toMatchObject([
    {
      id: out.trim(),
      question: 'How many days?',
      expected: [{ file: 'handbook.md', quote: 'thirty days' }],
    },
  ])
})

test('one that is there expects what was said last, and that is told', async () => {
  const before = await questions('add', store, 'Who pays?', '--file', 'a.md')
  const after = await questions('add', store, 'Who pays?', '--file', 'a.md', '--file', 'b.md')
  const [{ expected } = { expected: [] }] = await listed()

  expect(after.out).toBe(before.out)
  expect(after.err).toContain('has been replaced')
  expect(expected.map(({ file }) => file)).toEqual(['a.md', 'b.md'])
})

test('words without a file are refused before anything is sent', async () => {
  const { code, err } = await questions('add', store, 'Who pays?', '--quote', 'thirty days')

  expect(code).toBe(2)
  expect(err).toContain('--file')
})

test('they are listed as a table', async () => {
  await questions('add', store, 'Who pays?', '--file', 'travel.md')

  expect((await questions('list', store)).out).toMatch(
    /ID +EXPECTED IN +QUESTION\ngq_\w+ +travel\.md +Who pays\?/,
  )
})

test('where there are none, it is said how to add one', async () => {
  const { out, err } = await questions('list', store)

  expect(out).toBe('')
  expect(err).toContain('ragstone questions add')
})

test('they are removed', async () => {
  const { out } = await questions('add', store, 'Who pays?')
  const removed = await questions('remove', store, out.trim())
  const again = await questions('remove', store, out.trim())

  expect(removed.out).toBe(`removed ${out}`)
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('golden question') })
  expect(await listed()).toEqual([])
})

test('the lines of a comparison are imported', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-questions-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'golden.jsonl')
  const lines = [
    { question: 'How many days?', file: 'handbook.md', quote: 'thirty days' },
    { question: 'Who pays?', vector_store_ids: ['vs_1'], expected: { file: 'travel.md' } },
    { question: 'When?' },
  ]
  await writeFile(path, lines.map((each) => JSON.stringify(each)).join('\n\n'))
  const first = await questions('import', store, path)
  const second = await questions('import', store, path, '--json')
  const kept = (await listed()).toReversed()

  expect(first.out).toBe('3 golden questions added, 0 replaced\n')
  expect(JSON.parse(second.out)).toEqual({ added: 0, replaced: 3 })
  expect(kept.map(({ question, expected }) => ({ question, expected }))).toEqual([
    { question: 'How many days?', expected: [{ file: 'handbook.md', quote: 'thirty days' }] },
    { question: 'Who pays?', expected: [{ file: 'travel.md', quote: null }] },
    { question: 'When?', expected: [] },
  ])
})

test('a line that is no question is named', async () => {
  const { code, err } = await withInput('{"question": "x"}\n{"query": "y"}', 'import', store, '-')

  expect(code).toBe(2)
  expect(err).toContain('-, line 2')
  expect(await listed()).toEqual([])
})

test('what the server refuses is told with its place, and what was before it stays', async () => {
  const lines = Array.from({ length: 101 }, (_, place) => ({ question: `${place}?` }))
  const text = [...lines, { question: ' ' }].map((each) => JSON.stringify(each)).join('\n')
  const { code, err } = await withInput(text, 'import', store, '-')

  expect(code).toBe(1)
  expect(err).toContain('101 to 102 were not taken')
  expect(err).toContain('The question is empty')
  expect(await listed()).toHaveLength(100)
})

test('what is listed as JSON is imported elsewhere as it was, however much it is', async () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300, size: 'max' })
  const question = fc.record({
    question: text.map((words) => `Is it ${words}?`),
    expected: fc.array(
      fc.record({ file: text.map((name) => name.slice(0, 200)), quote: fc.option(text) }),
      { maxLength: 3 },
    ),
  })
  const isText = (each: object) => !/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(each))
  const given = fc.sample(question.filter(isText), { numRuns: 250, seed: 20_261_122 })
  await withInput(given.map((each) => JSON.stringify(each)).join('\n'), 'import', store, '-')
  const { out } = await questions('list', store, '--json')
  const { name: other } = await world().client.vectorStores.create({
    name: createId('vs_').slice(3),
  })
  const { err } = await withInput(out, 'import', other, '-')
  const plain = (all: readonly Kept[]) => new Map(all.map((each) => [each.question, each.expected]))

  expect(err).not.toContain('ragstone:')
  expect(read(out).length).toBeGreaterThan(200)
  expect(plain(await listed(other))).toEqual(plain(read(out)))
})
