const STRIDE = 256

/** Turns offsets in UTF-16 code units into offsets in the text's UTF-8 bytes; each lookup costs the same anywhere. */
export function createByteOffsets(text: string): (unit: number) => number {
  const marks = new Float64Array(Math.floor(text.length / STRIDE) + 1)
  let bytes = 0
  for (let unit = 0; unit < text.length; unit++) {
    if (unit % STRIDE === 0) marks[unit / STRIDE] = bytes
    bytes += bytesOfUnit(text, unit)
  }
  if (text.length % STRIDE === 0) marks[text.length / STRIDE] = bytes

  return (unit) => {
    const mark = Math.floor(unit / STRIDE)
    let offset = marks[mark] ?? 0
    for (let at = mark * STRIDE; at < unit; at++) offset += bytesOfUnit(text, at)
    return offset
  }
}

/** Of a surrogate pair the first half counts all four bytes, the second none. */
function bytesOfUnit(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  if (unit < 0x80) return 1
  if (unit < 0x800) return 2
  if (isHighSurrogate(unit)) return isLowSurrogate(text.charCodeAt(at + 1)) ? 4 : 3
  if (isLowSurrogate(unit)) return isHighSurrogate(text.charCodeAt(at - 1)) ? 0 : 3
  return 3
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
