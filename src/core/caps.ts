import { AppError } from './errors.ts'
import type { Limits } from './limits.ts'

/** How much of a tenant's is kept. */
export type Caps = Pick<Limits, 'chunks' | 'files' | 'storedBytes'>

export type Held = Readonly<Record<keyof Caps, number>>

/** What a tenant may keep at the moment. Throws `tenant_suspended`. */
export type CapsOf = (tenantId: string) => Promise<Caps>

export const NO_CAPS: Caps = { files: null, storedBytes: null, chunks: null }

const WORDS: Readonly<Record<keyof Caps, { readonly wire: string; readonly what: string }>> = {
  files: { wire: 'files', what: 'files' },
  storedBytes: { wire: 'stored_bytes', what: 'bytes of files' },
  chunks: { wire: 'chunks', what: 'chunks of indexed text' },
}

/** The first cap that `more` on top of what is held would pass, as a refusal; null where there is room. */
export function pastCap(caps: Caps, held: Held, more: Partial<Held>): AppError | null {
  for (const name of ['files', 'storedBytes', 'chunks'] as const) {
    const most = caps[name]
    const wanted = more[name] ?? 0
    if (most === null || wanted === 0 || held[name] + wanted <= most) continue
    const { wire, what } = WORDS[name]
    return new AppError(
      'limit_reached',
      `This tenant may keep ${most} ${what} (limit \`${wire}\`) and keeps ${held[name]}; ${wanted} more were to be added. Delete some, or ask whoever runs the server for a higher limit.`,
    )
  }
  return null
}
