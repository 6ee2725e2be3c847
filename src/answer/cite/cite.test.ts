import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exampleChunk } from '../../../test/answer/example-chunk.ts'
import type { RankedChunk } from '../../core/answer.ts'
import type { GenerateEvent } from '../../core/ports/chat-model.ts'
import { cite, type CitedEnd } from './cite.ts'

const SALES = 'Große Zahlen.\n\nTotal net sales were $82,959 million in the third quarter of 2022. '
const RETURNS = 'Customers may return a product within 14 days. They pay the postage themselves.'
const PASSAGES = [
  exampleChunk(SALES, { chunkId: '1', start: 100, page: 3 }),
  exampleChunk(RETURNS, { chunkId: '2', fileId: 'file-2', start: 7 }),
]

test('a marker becomes the bytes of the sentence that bears the claim out', async () => {
  const { citations } = await citedOf('Net sales were $82,959 million [1].')

  const start = 100 + Buffer.byteLength('Große Zahlen.\n\n')
  expect(citations).toEqual([
    expect.objectContaining({
      number: 1,
      index: 31,
      chunkId: '1',
      start,
      end: start + Buffer.byteLength(SALES.slice(15).trim()),
      page: 3,
      quote: 'Total net sales were $82,959 million in the third quarter of 2022.',
    }),
  ])
})

test('a claim in the passage’s very words is quoted as it stands, across line ends', async () => {
  const wrapped = exampleChunk(
    'Preface. The fee for Dr. Meyer\nwas paid in May. More text follows here.',
  )
  const { citations } = await citedOf('The fee for Dr. Meyer was paid in May. [1]', [wrapped])

  expect(citations[0]).toMatchObject({
    quote: 'The fee for Dr. Meyer\nwas paid in May.',
    score: 1,
  })
})

test('a marker for a passage that is not there goes, with the blank before it', async () => {
  const { text, removed } = await citedOf(
    'You have 14 days [9]. Return the product [2] soon [7] please.',
  )

  expect(text).toBe('You have 14 days. Return the product [2] soon please.')
  expect(removed).toEqual([9, 7])
})

test('a marker whose passage does not speak of the claim goes', async () => {
  const { text } = await citedOf('Penguins breed in Antarctica [1].')

  expect(text).toBe('Penguins breed in Antarctica.')
})

test('a sentence with another number supports a claim less', async () => {
  const right = await citedOf('Total net sales were $82,959 million [1].')
  const wrong = await citedOf('Total net sales were $81,797 million [1].')

  expect(wrong.citations[0]?.score ?? 0).toBeLessThan((right.citations[0]?.score ?? 0) / 2)
})

test.each([
  ['Return the product within 14 days of net sales [1, 2].', '[1][2]'],
  ['Return the product within 14 days of net sales [1-2].', '[1][2]'],
  ['Return the product within 14 days of net sales [1][2].', '[1][2]'],
  ['Return the product within 14 days 【2】.', '[2]'],
  ['Return the product within 14 days【2†source】.', '[2]'],
])('%s is written with %s', async (said, markers) => {
  const { text } = await citedOf(said)

  expect(text.match(/(?:\[\d\])+/)?.[0]).toBe(markers)
})

test.each([
  'Take `a[0]` or `b[1]`.',
  'Run:\n```\nreturn row[1];\n```\nDone.',
  'From [1990] on.',
  'An [open end',
])('%j has no marker', async (said) => {
  const { text, citations } = await citedOf(said)

  expect({ text, citations }).toEqual({ text: said, citations: [] })
})

test('a stray backtick does not hide the citations after its line', async () => {
  const { citations } = await citedOf('A stray ` here.\nReturn a product within 14 days [2].')

  expect(citations).toHaveLength(1)
})

test('a passage whose bytes are not where it says is never cited', async () => {
  const broken = exampleChunk(RETURNS, { end: 5 })
  const { text } = await citedOf('Customers may return a product within 14 days [1].', [broken])

  expect(text).toBe('Customers may return a product within 14 days.')
})

test('of an edited passage all of the document’s own text is quoted', async () => {
  const original = 'Große Zahlen. Sales were good.'
  const edited = exampleChunk('Net sales were $82,959 million.', {
    start: 100,
    end: 100 + Buffer.byteLength(original),
    originText: original,
  })
  const { citations } = await citedOf('Net sales were $82,959 million [1].', [edited])

  expect(citations).toMatchObject([
    { start: 100, end: 100 + Buffer.byteLength(original), quote: original, edited: true },
  ])
})

test('the index of a citation is where its marker begins in the text', async () => {
  const said = 'Sales 🎉 were $82,959 million [1][8] and a return takes 14 days [2], [1].'
  const { text, citations } = await citedOf(said)

  expect(citations.length).toBeGreaterThanOrEqual(2)
  for (const { index, number } of citations) {
    expect(text.slice(index).startsWith(`[${number}]`)).toBe(true)
  }
})

const piece = fc.constantFrom(
  'Total net sales',
  ' were ',
  '$82,959 million',
  ' ',
  '\n',
  '.',
  '[1]',
  '[2]',
  ' [9]',
  '[1, 2]',
  '[1-3]',
  '【2】',
  '[',
  ']',
  '`',
  '``',
  '```\n',
  'return a product',
  ' within 14 days',
  '🎉',
  'é',
  '[0',
  ',',
  'a[1]',
  '[[2]]',
  '- ',
)
const said = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
const cuts = fc.array(fc.nat(400), { maxLength: 40 })

test('where the stream is cut changes neither text nor citations', async () => {
  await fc.assert(
    fc.asyncProperty(said, cuts, async (text, places) => {
      expect(await citedOf(text, PASSAGES, places)).toEqual(await citedOf(text))
    }),
    { numRuns: 400 },
  )
})

test('every quote is exactly the bytes it claims', async () => {
  await fc.assert(
    fc.asyncProperty(said, cuts, async (input, places) => {
      const { text, citations } = await citedOf(input, PASSAGES, places)
      for (const { number, start, end, quote, index } of citations) {
        const passage = PASSAGES[number - 1]
        const bytes = Buffer.from(passage?.text ?? '')
        const offset = passage?.start ?? 0
        expect(bytes.subarray(start - offset, end - offset).toString()).toBe(quote)
        expect(text.slice(index, index + 3)).toBe(`[${number}]`)
      }
    }),
    { numRuns: 400 },
  )
})

test('every marker left in the text is a citation', async () => {
  await fc.assert(
    fc.asyncProperty(said, async (input) => {
      const { text, citations } = await citedOf(input.replaceAll('`', ''))
      const left = [...text.matchAll(/[[【][\d\s,;–-]*\d[\d\s,;–-]*[\]】]/g)]
      expect(left.map(({ index }) => index)).toEqual(citations.map(({ index }) => index))
    }),
    { numRuns: 1000 },
  )
})

test('the deltas add up to the text', async () => {
  let written = ''
  let end = ''
  for await (const event of cite(
    streamOf(['A return', ' takes 14 days [', '2] at ', 'most. ']),
    options(),
  )) {
    if (event.type === 'text') written += event.delta
    if (event.type === 'end') end = event.text
  }

  expect(written).toBe(end)
})

test('half a marker is never given out', async () => {
  const deltas: string[] = []
  for await (const event of cite(streamOf(['Return within 14 days [', '2', '] now']), options())) {
    if (event.type === 'text') deltas.push(event.delta)
  }

  expect(deltas.filter((delta) => /\[\d*$/.test(delta))).toEqual([])
})

function options(passages: readonly RankedChunk[] = PASSAGES) {
  return { passages, question: 'How long may I return a product?' }
}

async function citedOf(
  text: string,
  passages: readonly RankedChunk[] = PASSAGES,
  places: readonly number[] = [],
): Promise<Pick<CitedEnd, 'citations' | 'removed' | 'text'>> {
  const sorted = [...new Set(places)].filter((place) => place < text.length).sort((a, b) => a - b)
  const pieces = [0, ...sorted].map((from, index) => text.slice(from, sorted[index] ?? text.length))
  for await (const event of cite(streamOf(pieces), options(passages))) {
    if (event.type === 'end') {
      return { text: event.text, citations: event.citations, removed: event.removed }
    }
  }
  throw new Error('no end')
}

async function* streamOf(pieces: readonly string[]): AsyncGenerator<GenerateEvent> {
  for (const text of pieces) yield { type: 'text', text }
  yield { type: 'finish', reason: 'stop', usage: { inputTokens: 1, outputTokens: 1 } }
}
