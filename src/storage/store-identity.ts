import type { ObjectStore } from '../core/ports/object-store.ts'

/** Tells by an id whose files are kept beside it. Without a leading dot: `cp blobs/* …` is to take it along. */
export const STORE_OBJECT = 'ragstone-store'

const NOTE =
  'The line above tells Ragstone which database the files here belong to. Copy and move it with them.\n'
const LONGEST_ID = 80

/** The first line of what is there; null where nothing is. */
export async function readStoreId(
  objects: Pick<ObjectStore, 'open'>,
  signal?: AbortSignal,
): Promise<string | null> {
  const opened = await objects.open(STORE_OBJECT, undefined, signal)
  if (opened === null) return null
  const content = Buffer.concat(await Array.fromAsync(opened.content)).toString()
  return content.split('\n', 1)[0]?.trim().slice(0, LONGEST_ID) ?? ''
}

export async function writeStoreId(
  objects: Pick<ObjectStore, 'write'>,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  const content = Buffer.from(`${id}\n${NOTE}`)
  await objects.write(STORE_OBJECT, { bytes: content.length, read: () => only(content) }, signal)
}

async function* only(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}
