import type { Tell } from '../core/tell.ts'

/** How far a file is read. */
export interface ReadProgress {
  readonly stage: 'chunk' | 'parse'
  /** Of the stage, from 0 to 1; null where that cannot be said. */
  readonly done: number | null
  /** Null where there are none, or where they are not counted yet. */
  readonly pages: { readonly done: number; readonly total: number } | null
}

/** Posts what two stages tell, one after the other: at once that a stage begins, and from then on now and then. */
export function createReadTeller(
  post: (progress: ReadProgress) => void,
  everyMs: number,
): (stage: ReadProgress['stage']) => Tell {
  let pages: ReadProgress['pages'] = null
  return (stage) => {
    let most = 0
    let posted = performance.now()
    post({ stage, done: null, pages })
    return (done, of, unit) => {
      const share = done / of
      if (!(share > most && share <= 1)) return
      most = share
      if (unit === 'pages') pages = { done, total: of }
      const now = performance.now()
      if (now - posted < everyMs) return
      posted = now
      post({ stage, done: most, pages })
    }
  }
}
