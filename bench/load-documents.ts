import { setTimeout as sleep } from 'node:timers/promises'
import { toFile, type OpenAI } from 'openai'

export interface LoadedStore {
  readonly vectorStoreId: string
  /** Our file id → the caller's document id. */
  readonly documentIds: ReadonlyMap<string, string>
  readonly seconds: number
}

export interface TextFile {
  readonly id: string
  readonly filename: string
  readonly text: string
}

/** Uploads the texts into a new vector store, eight at a time, and waits until all are indexed. */
export async function loadDocuments(
  client: OpenAI,
  name: string,
  files: readonly TextFile[],
): Promise<LoadedStore> {
  const started = performance.now()
  const store = await client.vectorStores.create({ name })
  const documentIds = await uploadAll(client, store.id, files)
  await untilIndexed(client, store.id, name)
  return { vectorStoreId: store.id, documentIds, seconds: (performance.now() - started) / 1_000 }
}

/** Eight at a time. Gives our file id → the caller's document id. */
export async function uploadAll(
  client: OpenAI,
  storeId: string,
  files: readonly TextFile[],
): Promise<ReadonlyMap<string, string>> {
  const documentIds = new Map<string, string>()
  const queue = files.values()
  const upload = async (): Promise<void> => {
    for (const { id, filename, text } of queue) {
      const file = await client.files.create({
        file: await toFile(Buffer.from(text), filename),
        purpose: 'assistants',
      })
      documentIds.set(file.id, id)
      await client.vectorStores.files.create(storeId, { file_id: file.id })
    }
  }
  await Promise.all(Array.from({ length: 8 }, upload))
  return documentIds
}

/** Resolves when nothing of the store is being ingested any longer; shows progress. */
export async function untilIndexed(client: OpenAI, storeId: string, name: string): Promise<void> {
  for (;;) {
    const { file_counts: counts } = await client.vectorStores.retrieve(storeId)
    process.stderr.write(`\r${name}: ${counts.completed} of ${counts.total} files indexed `)
    if (counts.in_progress === 0) {
      process.stderr.write(`(${counts.failed} failed)\n`)
      return
    }
    await sleep(1_000)
  }
}
