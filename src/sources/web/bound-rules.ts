/** In all patterns together that have a wildcard: each is tried at every place of an address. */
const MOST_WILD_CHARACTERS = 20_000
const RULE = /^(\s*(?:dis)?allow\s*:\s*)([^#\r\n]*)/i

/**
 * A robots.txt whose rules cannot take long to try, whoever wrote it: past so many patterns with wildcards, what is
 * forbidden is forbidden from the first wildcard on, and what is allowed is not.
 */
export function boundRules(text: string): string {
  let left = MOST_WILD_CHARACTERS
  return text
    .split(/\r\n|\r|\n/)
    .flatMap((line) => {
      const [, start = '', pattern = ''] = RULE.exec(line) ?? []
      const star = pattern.indexOf('*')
      if (star < 0) return line
      left -= pattern.length
      if (left >= 0) return line
      return /disallow/i.test(start) ? `${start}${pattern.slice(0, star) || '/'}` : []
    })
    .join('\n')
}
