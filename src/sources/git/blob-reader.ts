import { AppError } from '../../core/errors.ts'
import type { GitProcess } from './git-process.ts'
import type { Repository } from './repository.ts'

export interface FoundBlob {
  readonly bytes: number
  readonly content: AsyncIterable<Uint8Array>
}

export interface BlobReader {
  /** Null where it is not in the copy. What was found before cannot be read any more. */
  find(id: string): Promise<FoundBlob | null>
  close(): void
}

/** One process for many blobs, of which no two are under way at once. */
export function createBlobReader(repository: Repository): BlobReader {
  let running: { readonly process: GitProcess; readonly reader: ByteReader } | null = null
  /** Whether all of the last answer was read. */
  let isIdle = true

  function close(): void {
    running?.process.stop()
    running = null
    isIdle = true
  }
  async function header(request: string): Promise<readonly string[]> {
    if (running === null) {
      const process = repository.look(['cat-file', '--batch-command'])
      running = { process, reader: createByteReader(process.output) }
    }
    running.process.input.write(`${request}\n`)
    const line = await running.reader.line()
    if (line === null) {
      const { process } = running
      close()
      await process.ended
      throw new AppError('provider_unavailable', 'The copy of the repository cannot be read.')
    }
    return line.split(' ')
  }
  async function* content(id: string): AsyncGenerator<Uint8Array> {
    const [, type, size] = await header(`contents ${id}`)
    if (type !== 'blob' || running === null) {
      throw new AppError('provider_unavailable', 'The copy of the repository cannot be read.')
    }
    isIdle = false
    yield* running.reader.bytes(Number(size))
    await running.reader.line()
    isIdle = true
  }
  return {
    async find(id) {
      if (!isIdle) close()
      const [, type, size] = await header(`info ${id}`)
      return type === 'blob' ? { bytes: Number(size), content: content(id) } : null
    },
    close,
  }
}

interface ByteReader {
  /** Without its end; null where there is none any more. */
  line(): Promise<string | null>
  bytes(count: number): AsyncGenerator<Uint8Array>
}

function createByteReader(stream: AsyncIterable<Uint8Array>): ByteReader {
  const pieces = stream[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  async function more(): Promise<boolean> {
    const next = await pieces.next()
    if (next.done === true) return false
    rest = rest.length === 0 ? Buffer.from(next.value) : Buffer.concat([rest, next.value])
    return true
  }
  return {
    async line() {
      let end = rest.indexOf('\n')
      while (end < 0) {
        if (!(await more())) return null
        end = rest.indexOf('\n')
      }
      const line = rest.subarray(0, end).toString('latin1')
      rest = rest.subarray(end + 1)
      return line
    },
    async *bytes(count) {
      let left = count
      while (left > 0) {
        if (rest.length === 0 && !(await more())) {
          throw new AppError('provider_unavailable', 'The copy of the repository broke off.')
        }
        const piece = rest.subarray(0, left)
        rest = rest.subarray(piece.length)
        left -= piece.length
        yield piece
      }
    },
  }
}
