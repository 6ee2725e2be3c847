import { AppError } from '../core/errors.ts'
import type { Identity } from './frame-format.ts'

/** What is kept is not what was put; the message is for the log. */
export class DamagedContent extends Error {
  override readonly name = 'DamagedContent'
}

/** Told of each reading that came upon damage. */
export type OnDamage = (blob: Identity, error: DamagedContent) => void

export interface Damage {
  /** Whether it was found damaged and not put anew since. */
  has(blob: Identity): boolean
  mended(blob: Identity): void
  /** Gives what was read, and `content_damaged` in place of every DamagedContent, now or in the middle of the content. */
  watch<Read extends { readonly content: AsyncIterable<Uint8Array> }>(
    blob: Identity,
    read: () => Promise<Read | null>,
  ): Promise<Read | null>
}

const MOST_KNOWN = 10_000

export function createDamage(onDamage: OnDamage): Damage {
  const known = new Set<string>()
  const nameOf = ({ tenantId, sha256 }: Identity) => `${tenantId}/${sha256}`

  function asSeen(blob: Identity, error: unknown): unknown {
    if (!(error instanceof DamagedContent)) return error
    if (known.size >= MOST_KNOWN) known.clear()
    known.add(nameOf(blob))
    onDamage(blob, error)
    return new AppError(
      'content_damaged',
      'What is kept of this file is damaged, and is not given out. Upload the file again, or have whoever runs the server restore it.',
      { cause: error },
    )
  }

  return {
    has: (blob) => known.has(nameOf(blob)),
    mended: (blob) => void known.delete(nameOf(blob)),
    async watch(blob, read) {
      const opened = await read().catch((error: unknown) => {
        throw asSeen(blob, error)
      })
      if (opened === null) return null
      const pieces = opened.content[Symbol.asyncIterator]()
      // The first piece is waited for: most damage is told in place of the content, not in the middle of it.
      const first = await pieces.next().catch((error: unknown) => {
        throw asSeen(blob, error)
      })
      return { ...opened, content: follow(blob, pieces, first) }
    },
  }

  async function* follow(
    blob: Identity,
    pieces: AsyncIterator<Uint8Array>,
    first: IteratorResult<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    let next = first
    try {
      while (next.done !== true) {
        yield next.value
        next = await pieces.next()
      }
    } catch (error) {
      throw asSeen(blob, error)
    } finally {
      if (next.done !== true) await pieces.return?.()
    }
  }
}
