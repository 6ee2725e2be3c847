import type { Tokenizer } from '../../core/ports/embedding-model.ts'

const SEPARATOR = ' › '
/** Enough for a title and three headings; more would drown the passage it is embedded with. */
const MAX_CONTEXT_TOKENS = 64

/** `Title › Chapter › Section`, each once, within 64 tokens; chunks of one section are asked for once. */
export function createContextOf(
  title: string | null,
  tokenizer: Tokenizer,
): (headings: readonly string[], tableHeader: string | null) => string {
  const known = new Map<string, string>()

  return (headings, tableHeader) => {
    const key = JSON.stringify(headings)
    const path = known.get(key) ?? capPath(withoutRepeats([title ?? '', ...headings]))
    known.set(key, path)
    if (tableHeader === null) return path
    const header = capText(tableHeader)
    return path === '' ? header : `${path}\n${header}`
  }

  /** Of a path too long, what stands between its outermost and its innermost part goes first. */
  function capPath(parts: readonly string[]): string {
    const kept = [...parts]
    while (kept.length > 2 && !fits(kept.join(SEPARATOR))) kept.splice(1, 1)
    while (kept.length > 1 && !fits(kept.join(SEPARATOR))) kept.shift()
    return capText(kept.join(SEPARATOR))
  }

  function capText(text: string): string {
    let capped = text.replace(/\s+/gu, ' ').trim()
    while (!fits(capped)) {
      const codePoints = Array.from(capped.slice(0, MAX_CONTEXT_TOKENS * 16))
      if (codePoints.length <= 1) return ''
      capped = codePoints
        .slice(0, Math.floor(codePoints.length * 0.8))
        .join('')
        .trim()
    }
    return capped
  }

  function fits(text: string): boolean {
    return text.length <= MAX_CONTEXT_TOKENS * 16 && tokenizer.count(text) <= MAX_CONTEXT_TOKENS
  }
}

function withoutRepeats(parts: readonly string[]): string[] {
  const seen = new Set<string>()
  return parts.filter((part) => {
    const key = part.trim().toLowerCase()
    if (key === '' || seen.has(key)) return false
    seen.add(key)
    return true
  })
}
