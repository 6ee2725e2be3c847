import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const CACHE = new URL('../node_modules/.cache/ragstone-bench/', import.meta.url)

/** A folder for what takes long to make and is the same every time: embedded collections, filled databases. */
export async function cacheDirectory(name: string): Promise<string> {
  const directory = new URL(`${name}/`, CACHE)
  await mkdir(directory, { recursive: true })
  return fileURLToPath(directory)
}

export function fingerprintOf(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part}\0`)
  return hash.digest('hex').slice(0, 16)
}
