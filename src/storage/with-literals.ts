import pg from 'pg'

/** The statement with its `$1`, `$2`… written out, for the protocol that takes several statements in one message. */
export function withLiterals(text: string, values: readonly unknown[]): string {
  return text.replaceAll(/\$(\d+)/g, (_place, number: string) =>
    literal(values[Number(number) - 1]),
  )
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString())
  if (value instanceof Uint8Array)
    return pg.escapeLiteral(`\\x${Buffer.from(value).toString('hex')}`)
  if (typeof value === 'string') return pg.escapeLiteral(value)
  if (typeof value === 'number' || typeof value === 'boolean') return `'${value}'`
  if (Array.isArray(value))
    return value.length === 0 ? `'{}'` : `array[${value.map(literal).join(', ')}]`
  throw new TypeError(`A ${typeof value} has no literal here.`)
}
