const MOST_ALTERNATIVES = 100

export interface GlobOptions {
  /** Whether a wildcard takes a leading dot too. */
  readonly dot: boolean
}

/**
 * Whether a key with `/` between its parts matches: `*` and `?` within a part, `**` for any number of parts, `{a,b}`.
 * A pattern that ends with a slash is about all below it. No regular expressions, and no library that makes some: pattern
 * and key may both be a tenant's, and a few stars keep an expression busy for minutes; here the time is never more than
 * their lengths multiplied. Null where the pattern stands for too many.
 */
export function compileGlob(
  pattern: string,
  { dot }: GlobOptions,
): ((key: string) => boolean) | null {
  const alternatives = expandBraces(pattern)
  if (alternatives === null) return null
  const compiled = alternatives.map((plain) =>
    (plain.endsWith('/') ? `${plain}**` : plain).replace(/^\/+/, '').split('/'),
  )
  const matchParts = matcher('**', {
    fits: (wanted, part) =>
      isVisible(part, dot || wanted.startsWith('.')) && matchPart(wanted, part),
    takes: (part) => isVisible(part, dot),
  })
  return (key) => {
    const parts = key.split('/')
    return compiled.some((wanted) => matchParts(wanted, parts))
  }
}

const isVisible = (part: string, dot: boolean) => dot || !part.startsWith('.')

const matchCharacters = matcher('*', {
  fits: (wanted, found) => wanted === '?' || wanted === found,
  takes: () => true,
})
const matchPart = (pattern: string, part: string) =>
  matchCharacters(Array.from(pattern), Array.from(part))

/**
 * When what follows a wildcard does not fit, only the last wildcard need take one more: what an earlier one could take
 * besides would only be further on.
 */
function matcher(
  wildcard: string,
  rules: {
    readonly fits: (wanted: string, found: string) => boolean
    readonly takes: (found: string) => boolean
  },
) {
  return (pattern: readonly string[], items: readonly string[]): boolean => {
    let wanted = 0
    let found = 0
    let star = -1
    let taken = 0
    while (found < items.length) {
      const next = pattern[wanted]
      if (next === wildcard) {
        star = wanted
        taken = found
        wanted += 1
      } else if (next !== undefined && rules.fits(next, items[found] ?? '')) {
        wanted += 1
        found += 1
      } else if (star >= 0 && rules.takes(items[taken] ?? '')) {
        taken += 1
        found = taken
        wanted = star + 1
      } else return false
    }
    return pattern.slice(wanted).every((rest) => rest === wildcard)
  }
}

function expandBraces(pattern: string): readonly string[] | null {
  const waiting = [pattern]
  const plain: string[] = []
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const found = /\{([^{}]*,[^{}]*)\}/.exec(next)
    if (found === null) plain.push(next)
    else {
      const [braces, inner = ''] = found
      const before = next.slice(0, found.index)
      const after = next.slice(found.index + braces.length)
      for (const choice of inner.split(',')) waiting.push(`${before}${choice}${after}`)
    }
    if (waiting.length + plain.length > MOST_ALTERNATIVES) return null
  }
  return plain
}
