import type { CliDeps } from './deps.ts'

/** One line that says how far something is, for as long as it is not done; for terminals alone. */
export interface Ticker {
  tick(text: string): void
  clear(): void
}

const EVERY_MS = 100
const WIDEST = 78
const BACK = '\r\u001B[2K'

export function createTicker(stream: CliDeps['stderr']): Ticker {
  let due = 0
  let shown = false
  return {
    tick(text) {
      if (stream.isTTY !== true || Date.now() < due) return
      due = Date.now() + EVERY_MS
      shown = true
      stream.write(`${BACK}${text.slice(0, WIDEST)}`)
    },
    clear() {
      if (shown) stream.write(BACK)
      shown = false
    },
  }
}
