/** JSON that `jsonb` accepts: it refuses U+0000 and lone surrogates, which become U+FFFD. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.toWellFormed().replaceAll('\0', '\uFFFD') : item,
  )
}
