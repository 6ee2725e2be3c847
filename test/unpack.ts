import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'

/** What is in a gzipped tar, by path. */
export async function unpack(archive: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const tar = extract()
  const unpacked = pipeline(Readable.from([archive]), createGunzip(), tar)
  const entries = new Map<string, Buffer>()
  for await (const entry of tar) {
    const parts = await Array.fromAsync(entry as AsyncIterable<Buffer>)
    entries.set(entry.header.name, Buffer.concat(parts))
  }
  await unpacked
  return entries
}

/** The rows of one table in an export, as they are there. */
export function rowsIn(
  entries: ReadonlyMap<string, Buffer>,
  table: string,
): readonly Readonly<Record<string, unknown>>[] {
  return [...entries]
    .filter(([path]) => path.startsWith(`tables/${table}/`))
    .flatMap(([, content]) => content.toString().trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}
