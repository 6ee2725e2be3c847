/** What a stream of text is made of, once no marker can be half-read. */
export type Token =
  | { readonly type: 'blank'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'marker'; readonly numbers: readonly number[] }
  | { readonly type: 'text'; readonly text: string }

export interface MarkerScanner {
  push(text: string): readonly Token[]
  /** What was held back. */
  end(): readonly Token[]
}

// Three digits: [1990] is a year, not a passage.
const INSIDE = /^\s*\d{1,3}(?:\s*(?:[,;–-]|†[^[\]【】]*$)\s*\d{0,3})*\s*$/
const POSSIBLE = /^[\s\d,;–-]*(?:†[^[\]【】\n]*)?$/
const LONGEST = 48
const HALF_PAIR = /[\ud800-\udbff]$/
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '【': '】' }

/**
 * Finds `[1]`, `[1, 2]`, `[1-3]` and 【1】 in text that arrives in pieces cut anywhere. Works character by
 * character, so where the pieces were cut cannot matter. What stands between backticks is code and is let through.
 */
export function createMarkerScanner(): MarkerScanner {
  let tokens: Token[] = []
  /** An opened marker that may yet turn out to be text. */
  let held = ''
  /** Backticks not yet followed by something else. */
  let ticks = 0
  /** How many backticks close the code we are in; 0 outside. */
  let codeTicks = 0
  /** The first half of a surrogate pair whose second half is still to come. */
  let half = ''

  const add = (type: 'blank' | 'code' | 'text', text: string) => {
    const last = tokens.at(-1)
    if (last?.type === type) tokens[tokens.length - 1] = { type, text: last.text + text }
    else tokens.push({ type, text })
  }
  const addPlain = (character: string) => add(/\s/.test(character) ? 'blank' : 'text', character)
  const flushTicks = () => {
    if (ticks === 0) return
    add('code', '`'.repeat(ticks))
    if (codeTicks === 0) codeTicks = ticks
    else if (codeTicks === ticks) codeTicks = 0
    ticks = 0
  }
  const flushHeld = () => {
    const text = held
    held = ''
    for (const character of text) addPlain(character)
  }
  const readHeld = (character: string) => {
    if (character === CLOSING[held[0] ?? '']) {
      const numbers = numbersIn(held.slice(1))
      if (numbers !== null) {
        tokens.push({ type: 'marker', numbers })
        held = ''
        return
      }
    } else if (held.length < LONGEST && POSSIBLE.test(held.slice(1) + character)) {
      held += character
      return
    }
    flushHeld()
    read(character)
  }
  const read = (character: string) => {
    if (character === '`') {
      ticks++
      return
    }
    flushTicks()
    // A stray backtick must not hide the rest of the answer: short code ends with its line.
    if (character === '\n' && codeTicks < 3) codeTicks = 0
    if (codeTicks > 0) add('code', character)
    else if (character in CLOSING) held = character
    else addPlain(character)
  }
  const take = () => {
    const ready = tokens
    tokens = []
    return ready
  }

  return {
    push(text) {
      const whole = half + text
      half = HALF_PAIR.test(whole) ? whole.slice(-1) : ''
      for (const character of whole.slice(0, whole.length - half.length)) {
        if (held === '') read(character)
        else readHeld(character)
      }
      return take()
    },
    end() {
      flushTicks()
      flushHeld()
      return take()
    },
  }
}

/** Null when it is not a list of numbers after all. */
function numbersIn(inside: string): readonly number[] | null {
  if (!INSIDE.test(inside)) return null
  const numbers: number[] = []
  const list = inside.replace(/†.*$/, '')
  for (const part of list.split(/[,;]/)) {
    const [from, to = from] = part.split(/[–-]/).map((digits) => Number.parseInt(digits, 10))
    if (from === undefined || Number.isNaN(from) || to === undefined || Number.isNaN(to))
      return null
    for (let number = from; number <= Math.max(from, to); number++) numbers.push(number)
  }
  return [...new Set(numbers)]
}
