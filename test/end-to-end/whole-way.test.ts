import { Document, HeadingLevel, Packer, Paragraph } from 'docx'
import { toFile } from 'openai'
import type { ResponseOutputText } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeEpub, makePdf, makePptx, makeXlsx } from '../ingest/sample-files.ts'
import type { RagstoneProcess } from '../ragstone-process.ts'
import { BACKENDS } from '../storage/backends.ts'
import { serveOver } from './served-backend.ts'

interface RagstoneCitation {
  readonly type: string
  readonly file_id: string
  readonly ragstone: {
    readonly start: number
    readonly end: number
    readonly page: number | null
    readonly quote: string
    readonly vector_store_id: string
  }
}

/** One fact in each format, and a question that only it answers. */
async function makeLibrary(): Promise<
  readonly { name: string; content: Uint8Array; question: string; fact: string; page?: number }[]
> {
  const children = [
    new Paragraph({ text: 'Harbour', heading: HeadingLevel.HEADING_1 }),
    new Paragraph('The lighthouse of Varnholm was painted green in 1987.'),
  ]
  const rows =
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>7340</v></c></row>'
  return [
    {
      name: 'orchard.pdf',
      content: await makePdf((pdf) =>
        pdf
          .text('This page is about something else.')
          .addPage()
          .text('The orchard of Melk yields forty tonnes of quinces in a good year.'),
      ),
      question: 'How many tonnes of quinces does the orchard of Melk yield?',
      fact: 'forty tonnes',
      page: 2,
    },
    {
      name: 'harbour.docx',
      content: await Packer.toBuffer(new Document({ sections: [{ children }] })),
      question: 'When was the lighthouse of Varnholm painted green?',
      fact: '1987',
    },
    {
      name: 'tower.pptx',
      content: makePptx([
        { title: 'Bell tower', lines: ['The bell weighs nine hundred kilograms'] },
      ]),
      question: 'How much does the bell in the bell tower weigh?',
      fact: 'nine hundred kilograms',
      page: 1,
    },
    {
      name: 'stock.xlsx',
      content: makeXlsx([{ name: 'Stock', rows }], ['Article', 'Pieces', 'copper rivets']),
      question: 'How many pieces of copper rivets are in stock?',
      fact: '7340',
    },
    {
      name: 'tale.epub',
      content: makeEpub('A tale', [
        '<h1>One</h1><p>The heron Ottoline slept on the mill roof.</p>',
      ]),
      question: 'Where did the heron Ottoline sleep?',
      fact: 'mill roof',
    },
    {
      name: 'notes.md',
      content: Buffer.from(
        '# Notes — größer\n\n🙂 Ferry 12 to Lindøya leaves at a quarter past six.\n',
      ),
      question: 'When does the ferry to Lindøya leave?',
      fact: 'quarter past six',
    },
    {
      name: 'people.csv',
      content: Buffer.from('Name,Office\nImre Tarsoly,third floor\nBea Lund,cellar\n'),
      question: 'Where is the office of Imre Tarsoly?',
      fact: 'third floor',
    },
    {
      name: 'machine.json',
      content: Buffer.from('{"machine":{"name":"Kestrel press","oil_litres":14}}'),
      question: 'How many oil litres does the Kestrel press machine need?',
      fact: '14',
    },
    {
      name: 'page.html',
      content: Buffer.from(
        '<!doctype html><title>Dye</title><body><h1>Dye</h1><p>Madder root gives the cloth its red colour.</p></body>',
      ),
      question: 'What gives the cloth its red colour?',
      fact: 'Madder root',
    },
  ]
}

describe.each(BACKENDS)('the whole way on %s', (kind) => {
  let ragstone: RagstoneProcess
  let storeId: string
  const texts = new Map<string, Buffer>()
  let library: Awaited<ReturnType<typeof makeLibrary>>

  beforeAll(async () => {
    library = await makeLibrary()
    ragstone = await serveOver(kind)
    const { client } = ragstone
    storeId = (await client.vectorStores.create({ name: 'all formats' })).id
    const files = await Promise.all(library.map(async ({ name, content }) => toFile(content, name)))
    const batch = await client.vectorStores.fileBatches.uploadAndPoll(storeId, { files })
    expect(batch.file_counts.total).toBe(library.length)
    for await (const { id, last_error: error } of client.vectorStores.files.list(storeId)) {
      expect(error).toBeNull()
      const [page] = (await client.vectorStores.files.content(id, { vector_store_id: storeId }))
        .data
      texts.set(id, Buffer.from(page?.text ?? ''))
    }
  }, 240_000)
  afterAll(() => ragstone.stop())

  const ask = (question: string) =>
    ragstone.client.responses.create({
      input: question,
      tools: [{ type: 'file_search', vector_store_ids: [storeId] }],
    })

  test('every format answers its question, and every quote is the bytes that it names', async () => {
    for (const { name, question, fact, page } of library) {
      const response = await ask(question)
      const citations = citationsOf(response)

      expect([name, response.output_text]).toEqual([name, expect.stringContaining(fact)])
      expect(citations.length).toBeGreaterThan(0)
      for (const { file_id: fileId, ragstone: cited } of citations) {
        const bytes = texts.get(fileId)?.subarray(cited.start, cited.end)
        expect(bytes?.toString('utf8')).toBe(cited.quote)
      }
      expect([name, citations[0]?.ragstone.page]).toEqual([name, page ?? null])
    }
  })

  test('a question about nothing in the documents is not answered', async () => {
    const response = await ask('Which team won the football championship of Bolivia in 1963?')

    expect(response.output_text).toBe('The documents do not say.')
    expect(citationsOf(response)).toEqual([])
  })

  test('a stream says the same as the whole, and its trace names every stage', async () => {
    const stream = ragstone.client.responses.stream({
      input: library[0]?.question ?? '',
      tools: [{ type: 'file_search', vector_store_ids: [storeId] }],
    })
    let streamed = ''
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') streamed += event.delta
    }
    const { id, output_text: whole } = await stream.finalResponse()
    const trace = (await (
      await fetch(`${ragstone.url}/api/answers/${id}/trace`, {
        headers: { authorization: `Bearer ${ragstone.key}` },
      })
    ).json()) as { stages: { name: string }[]; candidates: object[] }

    expect(streamed).toBe(whole)
    expect(trace.stages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['retrieve', 'fuse', 'pack', 'generate', 'cite']),
    )
    expect(trace.candidates.length).toBeGreaterThan(0)
  })
})

function citationsOf(response: {
  readonly output: readonly object[]
}): readonly RagstoneCitation[] {
  return response.output.flatMap((item) => {
    const { content = [] } = item as { content?: readonly ResponseOutputText[] }
    return content.flatMap(({ annotations }) => annotations as unknown as RagstoneCitation[])
  })
}
