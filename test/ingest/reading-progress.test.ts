import { expect, onTestFinished, test } from 'vitest'
import type { Documents } from '../../src/core/ports/documents.ts'
import type { IngestJob } from '../../src/core/ports/queue.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { onEveryBackend } from '../storage/backends.ts'
import { makePdf } from './sample-files.ts'
import { newReader, openWorkshop, type Workshop } from './workshop.ts'

type Written = Parameters<Documents['setProgress']>[2]

const never = new AbortController().signal
const chunkSize = { maxTokens: 4_000, overlapTokens: 0 }

const prose = (sentences: number) =>
  Array.from({ length: sentences }, (_, at) => `Sentence ${at} speaks of rain.`).join(' ')

/** Documents, and what is written on their rows while they are worked on, in order. */
function watchDocuments(): { readonly documents: Documents; readonly written: Written[] } {
  const written: Written[] = []
  const documents = createDocuments({ space: null })
  const watched: Documents = {
    ...documents,
    setProgress(transaction, document, progress) {
      written.push(progress)
      return documents.setProgress(transaction, document, progress)
    },
  }
  return { documents: watched, written }
}

/** By a reader and a pipeline that tell whenever they can. */
async function ingest(workshop: Workshop, job: IngestJob): Promise<readonly Written[]> {
  const { documents, written } = watchDocuments()
  const reader = newReader({ tellEveryMs: 0 })
  onTestFinished(() => reader.close())
  const deps = { documents, reader, embedder: null, writeEveryMs: 0 }
  await workshop.ingestWith(deps)(job, never)
  return written
}

const sharesOf = (written: readonly Written[], of: Written['stage']) =>
  written.filter(({ stage }) => stage === of).flatMap(({ stageDone }) => stageDone ?? [])

function expectRising(figures: readonly number[], most: number): void {
  expect(figures.length).toBeGreaterThan(2)
  expect(figures).toEqual([...new Set(figures)].toSorted((one, other) => one - other))
  expect(figures.at(-1)).toBeLessThanOrEqual(most)
}

onEveryBackend('reading progress', (world) => {
  test('of a large PDF it says how many of its pages are parsed', async () => {
    const workshop = await openWorkshop(world)
    const pdf = await makePdf((draft) => {
      draft.text(prose(60))
      for (let page = 2; page <= 300; page++) draft.addPage().text(prose(60))
    })
    const job = await workshop.add(pdf, { filename: 'large.pdf', chunkSize })
    const written = await ingest(workshop, job)

    const parsing = written.filter(({ stage, pages }) => stage === 'parse' && pages !== undefined)
    expectRising(
      parsing.map(({ pagesDone }) => pagesDone ?? 0),
      300,
    )
    expect(new Set(parsing.map(({ pages }) => pages))).toEqual(new Set([300]))
    expect(await workshop.document(job)).toMatchObject({
      status: 'completed',
      pages: 300,
      pagesDone: 300,
    })
  })

  test('of a large text it says how much is parsed, and then how much is cut', async () => {
    const workshop = await openWorkshop(world)
    const text = Array.from({ length: 4_000 }, () => prose(30)).join('\n\n')
    const job = await workshop.add(text, { filename: 'large.txt', chunkSize })
    const written = await ingest(workshop, job)

    expectRising(
      [...sharesOf(written, 'parse'), ...sharesOf(written, 'chunk').map((s) => s + 1)],
      2,
    )
    expect(sharesOf(written, 'chunk').length).toBeGreaterThan(0)
    const stages = written.map(({ stage }) => stage)
    expect(stages.filter((stage, at) => stage !== stages[at - 1])).toEqual([
      'parse',
      'chunk',
      'embed',
      'index',
    ])
  })

  test('a small file costs no write more', async () => {
    const workshop = await openWorkshop(world)
    const { documents, written } = watchDocuments()
    const job = await workshop.add('It rains.')
    await workshop.ingestWith({ documents, embedder: null, writeEveryMs: 60_000 })(job, never)
    expect(written.map(({ stage }) => stage)).toEqual(['parse', 'embed'])
  })
})
