const LONGEST_BYTES = 150
/** Names that Windows keeps for devices, whatever follows the first dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/** A name that every system can unpack into a folder, as near to the given one as it can be. */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const plain = last
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\uFFFD]/gu, '')
    .replaceAll(/[<>:"|?*]/g, '_')
  const short = shortened(plain)
    .replace(/^[\s.~-]+/, '')
    .replace(/[\s.]+$/, '')
  return short === '' ? 'unnamed' : short.replace(DEVICE, '_$1')
}

/** Its ending is kept. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_BYTES) return name
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? ''
  let stem = ''
  for (const character of name) {
    if (Buffer.byteLength(stem + character + ending) > LONGEST_BYTES) break
    stem += character
  }
  return stem + ending
}
