import { afterAll, beforeAll } from 'vitest'
import { toFile } from 'openai'
import { startRagstone, type RagstoneProcess } from '../ragstone-process.ts'

export interface ServedLibrary extends RagstoneProcess {
  /** Holds the handbook and the letter, indexed. */
  readonly storeId: string
  readonly handbookId: string
}

export const HANDBOOK = `# Handbook

## Leave

Every employee has thirty days of paid leave a year. Days of leave that are not taken by March are lost.

## Travel

Trips by train are paid in second class. A receipt is needed for each trip.
`

export const QUESTION = 'How many days of leave are there?'

const LETTER = 'The canteen opens at half past eleven. It is closed on public holidays.\n'

/** A server with the local embedding model and two small documents, for the tests of one file. */
export function useServedLibrary(): () => ServedLibrary {
  let library: ServedLibrary | undefined
  beforeAll(async () => {
    const server = await startRagstone()
    library = { ...server, ...(await fill(server)) }
  }, 120_000)
  afterAll(() => library?.stop())
  return () => {
    if (library === undefined) throw new Error('The server is not up yet: use it inside tests.')
    return library
  }
}

async function fill({ client }: RagstoneProcess): Promise<{ storeId: string; handbookId: string }> {
  const store = await client.vectorStores.create({ name: 'Office' })
  const handbook = await client.files.create({
    file: await toFile(Buffer.from(HANDBOOK), 'handbook.md'),
    purpose: 'assistants',
  })
  const letter = await client.files.create({
    file: await toFile(Buffer.from(LETTER), 'letter.txt'),
    purpose: 'assistants',
  })
  const batch = await client.vectorStores.fileBatches.createAndPoll(store.id, {
    files: [
      { file_id: handbook.id, attributes: { kind: 'rules', year: 2025 } },
      { file_id: letter.id, attributes: { kind: 'news', year: 2026 } },
    ],
  })
  if (batch.file_counts.completed !== 2) throw new Error(JSON.stringify(batch))
  return { storeId: store.id, handbookId: handbook.id }
}
