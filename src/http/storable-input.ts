import { RequestError } from './request-error.ts'

/** Deeper than any shape of the API, and far from the end of any stack. */
const DEEPEST = 32

/**
 * PostgreSQL keeps neither NUL nor half a surrogate pair, and validators recurse:
 * what cannot be kept or would go too deep is refused before anything looks at it.
 */
export function refuseUnstorable(input: unknown): void {
  const waiting: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [
    { value: input, path: '', depth: 0 },
  ]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { value, path, depth } = node
    if (typeof value === 'string') refuseText(value, path)
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) continue
    if (depth === DEEPEST) {
      throw new RequestError('invalid_value', `The request is nested more than ${DEEPEST} deep.`)
    }
    for (const [key, child] of Object.entries(value)) {
      refuseText(key, path)
      const below = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
      waiting.push({ value: child, path: below, depth: depth + 1 })
    }
  }
}

function refuseText(text: string, path: string): void {
  const fault = text.includes('\0')
    ? 'contains a NUL character'
    : text.isWellFormed()
      ? null
      : 'contains half a surrogate pair, which is not Unicode text'
  if (fault === null) return
  const at = path === '' ? 'The request' : `'${path}'`
  throw new RequestError(
    'invalid_value',
    `${at} ${fault}: take it out.`,
    path === '' ? {} : { param: path },
  )
}
