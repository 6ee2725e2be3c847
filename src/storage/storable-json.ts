/** JSON that `jsonb` accepts: it refuses U+0000 and lone surrogates, which become U+FFFD. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'string') return storable(item)
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    if (Object.keys(item).every((key) => storable(key) === key)) return item
    return Object.fromEntries(Object.entries(item).map(([key, child]) => [storable(key), child]))
  })
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
