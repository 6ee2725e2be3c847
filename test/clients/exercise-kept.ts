import { exerciseBlobs } from './exercise-blobs.ts'
import { exerciseChunks } from './exercise-chunks.ts'

interface Kept {
  readonly storeId: string
  readonly fileId: string
}

/** What is kept of a document that has been asked about: its chunks, and the bytes of its file. */
export async function exerciseKept(
  bench: Parameters<typeof exerciseBlobs>[0],
  document: Kept,
): Promise<void> {
  await exerciseChunks(bench, document)
  await exerciseBlobs(bench)
}
