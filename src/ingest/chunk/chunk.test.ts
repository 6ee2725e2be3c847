import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pageOf, type ChunkSize } from '../../core/chunk.ts'
import type { Block, BlockKind, Page, ParsedDocument } from '../../core/document.ts'
import type { Tokenizer } from '../../core/ports/embedding-model.ts'
import { chunkDocument } from './chunk.ts'

const words: Tokenizer = {
  count: (text) => text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0,
}
const characters: Tokenizer = { count: (text) => Math.ceil(text.length / 4) }
/** One that counts line ends and blanks too, so that parts sum to less than the whole. */
const bytes: Tokenizer = { count: (text) => Math.ceil(Buffer.byteLength(text) / 3) }

interface Piece {
  readonly kind: BlockKind
  readonly text: string
  readonly level?: number
}

function documentOf(pieces: readonly Piece[], title: string | null = null): ParsedDocument {
  const blocks: Block[] = []
  const pages: Page[] = []
  let text = ''
  for (const { kind, text: body, level } of pieces) {
    const start = text.length
    text += body
    if (body.trim() !== '') {
      blocks.push({ kind, start, end: text.length, ...(level === undefined ? {} : { level }) })
    }
    text += '\n\n'
    if (blocks.length % 3 === 0)
      pages.push({ number: pages.length + 1, start: pages.at(-1)?.end ?? 0, end: text.length })
  }
  return { text, title, mediaType: 'text/plain', blocks, pages }
}

const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'abc de. fgh? ij\nKL, mno 12.5 |-'.split('')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('漢', '字', '。', 'ไ', 'ท', 'ש', 'ל', 'ع', 'ر', 'ب', 'é', 'ß'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '😀',
      '👩‍👩‍👧',
      '𝒳',
      '🇩🇪',
      'e\u0301\u0302',
      '\u200b',
      '\u00a0',
      '\ufeff',
      '\u2028',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3 }) },
)
const prose = fc.array(character, { maxLength: 300 }).map((parts) => parts.join(''))
const hugeWord = fc
  .tuple(
    fc.constantFrom('x', '漢', '😀', 'e\u0301', 'a\u0301\u0302\u0303'),
    fc.integer({ min: 50, max: 700 }),
  )
  .map(([part, times]) => part.repeat(times))
const piece: fc.Arbitrary<Piece> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('paragraph', 'quote', 'list', 'table', 'code'),
      text: prose,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('paragraph', 'code'), text: hugeWord }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('heading'),
      text: fc.string({ minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== ''),
      level: fc.integer({ min: 1, max: 4 }),
    }),
  },
)
const parsed = fc
  .tuple(fc.array(piece, { maxLength: 25 }), fc.option(fc.string({ maxLength: 20 })))
  .map(([pieces, title]) =>
    documentOf(
      pieces.map((one) => ({ ...one, text: one.text.toWellFormed() })),
      title,
    ),
  )
const size: fc.Arbitrary<ChunkSize> = fc
  .tuple(fc.integer({ min: 8, max: 120 }), fc.integer({ min: 0, max: 60 }))
  .map(([maxTokens, overlapTokens]) => ({
    maxTokens,
    overlapTokens: Math.min(overlapTokens, Math.floor(maxTokens / 2)),
  }))
const tokenizer = fc.constantFrom(words, characters, bytes)

test('a chunk is exactly the bytes it names', () => {
  fc.assert(
    fc.property(parsed, size, tokenizer, (document, chunkSize, counter) => {
      const stored = Buffer.from(document.text, 'utf8')
      for (const chunk of chunkDocument(document, chunkSize, { tokenizer: counter })) {
        expect(
          stored.subarray(chunk.start, chunk.end).equals(Buffer.from(chunk.text, 'utf8')),
        ).toBe(true)
        expect(chunk.text.trim()).toBe(chunk.text)
        expect(chunk.text.isWellFormed()).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

test('all that is not blank is in a chunk, in order', () => {
  fc.assert(
    fc.property(parsed, size, tokenizer, (document, chunkSize, counter) => {
      const stored = Buffer.from(document.text, 'utf8')
      let start = -1
      let end = 0
      for (const [ordinal, chunk] of chunkDocument(document, chunkSize, {
        tokenizer: counter,
      }).entries()) {
        expect(chunk.ordinal).toBe(ordinal)
        expect(chunk.start).toBeGreaterThan(start)
        expect(chunk.end).toBeGreaterThan(end)
        expect(stored.subarray(end, Math.max(end, chunk.start)).toString('utf8').trim()).toBe('')
        start = chunk.start
        end = chunk.end
      }
      expect(stored.subarray(end).toString('utf8').trim()).toBe('')
    }),
    { numRuns: 300 },
  )
})

test('no chunk is over its tokens, and each says how many it has', () => {
  fc.assert(
    fc.property(parsed, size, tokenizer, (document, chunkSize, counter) => {
      for (const chunk of chunkDocument(document, chunkSize, { tokenizer: counter })) {
        expect(chunk.tokens).toBe(counter.count(chunk.text))
        expect(chunk.tokens).toBeLessThanOrEqual(chunkSize.maxTokens)
      }
    }),
    { numRuns: 300 },
  )
})

test('neighbours share no more than the overlap', () => {
  fc.assert(
    fc.property(parsed, size, (document, chunkSize) => {
      const stored = Buffer.from(document.text, 'utf8')
      let end = 0
      for (const chunk of chunkDocument(document, chunkSize, { tokenizer: words })) {
        const shared = stored.subarray(chunk.start, Math.max(chunk.start, end)).toString('utf8')
        expect(words.count(shared)).toBeLessThanOrEqual(chunkSize.overlapTokens)
        end = chunk.end
      }
    }),
    { numRuns: 300 },
  )
})

test('a chunk lies on the page of its first byte', () => {
  fc.assert(
    fc.property(parsed, size, (document, chunkSize) => {
      for (const chunk of chunkDocument(document, chunkSize, { tokenizer: words })) {
        const at = Buffer.from(document.text, 'utf8')
          .subarray(0, chunk.start)
          .toString('utf8').length
        const page = document.pages.findLast(({ start }) => start <= at)
        expect(chunk.page).toBe(page?.number ?? null)
      }
    }),
  )
})

test('every character of a chunk is on the page that pageOf says', () => {
  fc.assert(
    fc.property(parsed, size, (document, chunkSize) => {
      for (const chunk of chunkDocument(document, chunkSize, { tokenizer: words })) {
        let byte = chunk.start
        for (const character of chunk.text) {
          const at = Buffer.from(document.text).subarray(0, byte).toString().length
          const page = document.pages.findLast(({ start }) => start <= at)
          expect(pageOf(chunk, byte)).toBe(page?.number ?? null)
          byte += Buffer.byteLength(character)
        }
      }
    }),
    { numRuns: 50 },
  )
})

test('a heading never ends a chunk while text follows it', () => {
  const short = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('paragraph' as const),
        text: fc.constantFrom('One two. Three four five.', 'word '.repeat(40)),
      }),
      fc.record({
        kind: fc.constant('heading' as const),
        text: fc.constantFrom('Alpha', 'Beta gamma'),
        level: fc.integer({ min: 1, max: 3 }),
      }),
    ),
    { maxLength: 20 },
  )
  fc.assert(
    fc.property(short, (pieces) => {
      const document = documentOf(pieces)
      const headings = document.blocks
        .filter(({ kind }) => kind === 'heading')
        .map(({ end }) => end)
      const lastText = document.blocks.findLast(({ kind }) => kind !== 'heading')?.end ?? 0
      const run = longestHeadingRun(document.blocks)
      fc.pre(run * 2 < 20)
      for (const chunk of chunkDocument(
        document,
        { maxTokens: 20, overlapTokens: 5 },
        { tokenizer: words },
      )) {
        if (chunk.end < lastText) expect(headings).not.toContain(chunk.end)
      }
    }),
    { numRuns: 300 },
  )
})

function longestHeadingRun(blocks: readonly Block[]): number {
  let longest = 0
  let run = 0
  for (const { kind } of blocks) {
    run = kind === 'heading' ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}

const large: ChunkSize = { maxTokens: 200, overlapTokens: 0 }

test('top sections do not share a chunk, smaller ones do', () => {
  const document = documentOf(
    [
      { kind: 'heading', level: 1, text: '# Handbook' },
      { kind: 'paragraph', text: 'Welcome.' },
      { kind: 'heading', level: 2, text: '## Leave' },
      { kind: 'heading', level: 3, text: '### Sick' },
      { kind: 'paragraph', text: 'Call in.' },
      { kind: 'heading', level: 3, text: '### Holiday' },
      { kind: 'paragraph', text: 'Ask first.' },
      { kind: 'heading', level: 2, text: '## Pay' },
      { kind: 'paragraph', text: 'Monthly.' },
    ],
    'Handbook',
  )
  const chunks = chunkDocument(document, large, { tokenizer: words })
  expect(chunks.map(({ headings }) => headings)).toEqual([
    ['Handbook'],
    ['Handbook', 'Leave'],
    ['Handbook', 'Pay'],
  ])
  expect(chunks.map(({ context }) => context)).toEqual([
    'Handbook',
    'Handbook › Leave',
    'Handbook › Pay',
  ])
})

test('a section too long for one chunk is cut between its blocks', () => {
  const paragraph = `${'word '.repeat(69)}end.`
  const document = documentOf([
    { kind: 'heading', level: 1, text: 'Long' },
    ...Array.from({ length: 4 }, () => ({ kind: 'paragraph' as const, text: paragraph })),
  ])
  const chunks = chunkDocument(document, large, { tokenizer: words })
  expect(chunks.map(({ text }) => text.match(/end\./gu)?.length)).toEqual([2, 2])
  expect(chunks.every(({ text }) => text.endsWith('end.'))).toBe(true)
})

test('an overlap is whole sentences', () => {
  const sentences = Array.from(
    { length: 12 },
    (_, at) => `Sentence number ${at} has exactly eight words here.`,
  )
  const document = documentOf([{ kind: 'paragraph', text: sentences.join(' ') }])
  const chunks = chunkDocument(document, { maxTokens: 40, overlapTokens: 12 }, { tokenizer: words })
  expect(chunks.length).toBeGreaterThan(2)
  for (const [at, chunk] of chunks.slice(1).entries()) {
    const previous = chunks[at]
    expect(chunk.text.startsWith('Sentence')).toBe(true)
    expect(previous?.text.endsWith(chunk.text.slice(0, chunk.text.indexOf('.') + 1))).toBe(true)
  }
})

test('a table is cut between rows, and its header goes with the rows that follow', () => {
  const rows = Array.from({ length: 60 }, (_, at) => `| item ${at} | ${at} euro |`)
  const document = documentOf([
    { kind: 'heading', level: 1, text: 'Prices' },
    { kind: 'table', text: ['| Name | Price |', ...rows].join('\n') },
  ])
  const [first, ...rest] = chunkDocument(document, large, { tokenizer: words })
  expect(first?.context).toBe('Prices')
  expect(rest.length).toBeGreaterThan(1)
  for (const chunk of rest) {
    expect(chunk.context).toBe('Prices\n| Name | Price |')
    expect(chunk.text.split('\n').every((line) => /^\| item \d+ \| \d+ euro \|$/u.test(line))).toBe(
      true,
    )
  }
})

test('a list item keeps its continuation lines', () => {
  const items = Array.from({ length: 30 }, (_, at) => `- item ${at} begins\n  and goes on here`)
  const document = documentOf([{ kind: 'list', text: items.join('\n') }])
  const chunks = chunkDocument(document, { maxTokens: 50, overlapTokens: 10 }, { tokenizer: words })
  expect(chunks.length).toBeGreaterThan(3)
  expect(chunks.every(({ text }) => text.startsWith('- item') && text.endsWith('here'))).toBe(true)
})

test('a context is no longer than 64 tokens', () => {
  const document = documentOf(
    [1, 2, 3, 4]
      .map((level) => ({ kind: 'heading' as const, level, text: `${'long '.repeat(30)}${level}` }))
      .concat([{ kind: 'paragraph', text: 'Text.' } as never]),
    'Title',
  )
  const [chunk] = chunkDocument(
    document,
    { maxTokens: 800, overlapTokens: 0 },
    { tokenizer: words },
  )
  expect(words.count(chunk?.context ?? '')).toBeLessThanOrEqual(64)
  expect(chunk?.context.startsWith('Title › long')).toBe(true)
})
