const LONGEST = 255

/**
 * A filename as it may be shown: the last part of a path, without characters that could move a cursor or hide
 * a suffix. Only ever shown: files are kept under the hash of their content.
 */
export function displayName(filename: string): string {
  const last = filename.split(/[/\\]/).at(-1) ?? ''
  const shown = last
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim()
  return Array.from(shown).slice(0, LONGEST).join('') || 'unnamed'
}
