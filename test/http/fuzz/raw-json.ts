const RAW = Symbol('raw')

/** Of JSON as it stands, for what no value of JavaScript is written as. */
export function raw(text: string): unknown {
  return { [RAW]: text }
}

export function writeJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const text: unknown = Reflect.get(value, RAW)
  if (typeof text === 'string') return text
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}:${writeJson(member)}`,
  )
  return `{${members.join(',')}}`
}
