import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { MANIFEST, readManifest, type ExportManifest } from './manifest.ts'

export interface VerifiedExport {
  readonly manifest: ExportManifest
  /** SHA-256 of its bytes: the audit log of the server has it too. */
  readonly manifestSha256: string
  readonly entries: number
  /** Of what is in it, unpacked. */
  readonly bytes: number
  /** Sentences; none when everything is as it was written. */
  readonly faults: readonly string[]
}

/** The manifest and each list of checksums are held whole: what is longer is none of ours. */
const LONGEST_HELD = 64 * 1_048_576
const MOST_FAULTS = 20

/**
 * Reads an export to its end and compares all of it with what it says of itself; no entry is ever written anywhere.
 * Throws an Error with a sentence for what is no export, or not all of one.
 */
export async function verifyExport(
  archive: Readable,
  onEntry: (path: string) => void = () => undefined,
): Promise<VerifiedExport> {
  const tar = extract()
  const unpacked = pipeline(archive, createGunzip(), tar)
  // The loop below ends with the same error.
  unpacked.catch(() => undefined)
  const check = createCheck()
  try {
    for await (const entry of tar) {
      const { name } = entry.header
      onEntry(name)
      await check.take(name, entry as AsyncIterable<Uint8Array>)
    }
    await unpacked
  } catch (error) {
    throw new Error(whyUnreadable(error), { cause: error })
  }
  return check.close()
}

function createCheck() {
  /** Hashes of entries that no list has named yet: those since the list before, so few. */
  const waiting = new Map<string, string>()
  const lists = new Map<string, { readonly sha256: string; readonly entries: number }>()
  const rows: Record<string, number> = {}
  const faults: string[] = []
  const blobs = { files: { count: 0, bytes: 0 }, texts: { count: 0, bytes: 0 } }
  let found: { readonly manifest: ExportManifest; readonly sha256: string } | null = null
  let entries = 0
  let bytes = 0
  const fault = (sentence: string) => void (faults.length < MOST_FAULTS && faults.push(sentence))

  function checkAgainst(list: string): number {
    const lines = list.split('\n').filter((line) => line !== '')
    for (const line of lines) {
      const [, sha256 = '', path = ''] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? []
      const actual = waiting.get(path)
      if (actual === undefined) fault(`${path} is missing.`)
      else if (actual !== sha256) fault(`${path} is not what was written.`)
      waiting.delete(path)
    }
    return lines.length
  }

  return {
    async take(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
      if (found !== null) fault(`${path} stands behind the manifest.`)
      const isList = path.startsWith('checksums/')
      const entry = await readEntry(content, isList || path === MANIFEST)
      entries += 1
      bytes += entry.bytes
      if (path === MANIFEST) {
        found = { manifest: readManifest(entry.text), sha256: entry.sha256 }
        return
      }
      if (isList) {
        lists.set(path, { sha256: entry.sha256, entries: checkAgainst(entry.text) })
        return
      }
      if (waiting.has(path)) fault(`${path} is there twice.`)
      waiting.set(path, entry.sha256)
      const [folder = '', table = ''] = path.split('/')
      if (folder === 'tables') rows[table] = (rows[table] ?? 0) + entry.lines
      if (folder !== 'files' && folder !== 'texts') return
      blobs[folder].count += 1
      blobs[folder].bytes += entry.bytes
    },

    close(): VerifiedExport {
      if (found === null)
        throw new Error('It has no manifest: this is no export, or not all of one.')
      const { manifest, sha256 } = found
      for (const path of waiting.keys()) fault(`${path} is in no list of checksums.`)
      checkLists(manifest)
      checkCounts(manifest)
      return { manifest, manifestSha256: sha256, entries, bytes, faults }
    },
  }

  function checkLists({ checksums }: ExportManifest): void {
    for (const { path, sha256, entries: count } of checksums) {
      const list = lists.get(path)
      if (list?.sha256 !== sha256 || list.entries !== count)
        fault(`${path} is not what was written.`)
      lists.delete(path)
    }
    for (const path of lists.keys()) fault(`${path} is not in the manifest.`)
  }

  function checkCounts(manifest: ExportManifest): void {
    for (const [table, summary] of Object.entries(manifest.tables)) {
      const there = rows[table] ?? 0
      if (there !== summary.rows) fault(`${table} has ${there} rows of ${summary.rows}.`)
    }
    for (const kind of ['files', 'texts'] as const) {
      const { count, bytes: size } = blobs[kind]
      const expected = manifest[kind]
      if (count !== expected.count || size !== expected.bytes)
        fault(
          `There are ${count} ${kind} of ${expected.count}, with ${size} bytes of ${expected.bytes}.`,
        )
    }
  }
}

interface ReadEntry {
  readonly sha256: string
  readonly bytes: number
  readonly lines: number
  /** Empty unless it is to be held. */
  readonly text: string
}

const NEWLINE = 10

async function readEntry(content: AsyncIterable<Uint8Array>, hold: boolean): Promise<ReadEntry> {
  const hash = createHash('sha256')
  const held: Uint8Array[] = []
  let bytes = 0
  let lines = 0
  for await (const part of content) {
    hash.update(part)
    bytes += part.length
    if (!hold) {
      for (let at = part.indexOf(NEWLINE); at !== -1; at = part.indexOf(NEWLINE, at + 1)) lines += 1
      continue
    }
    if (bytes > LONGEST_HELD) throw new Error('Its manifest is too long to be one.')
    held.push(part)
  }
  return { sha256: hash.digest('hex'), bytes, lines, text: Buffer.concat(held).toString() }
}

/** zlib and tar-stream speak of buffers and headers. */
function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = error instanceof Error ? error.message : String(error)
  if (code === 'Z_BUF_ERROR' || /unexpected end|premature close/i.test(message))
    return 'It ends too early: this is not all of an export.'
  if (code.startsWith('Z_') || /invalid tar header/i.test(message))
    return 'It cannot be unpacked: it is damaged, or no export.'
  return message
}
