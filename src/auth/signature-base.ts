import { parseDictionary, serializeInnerList, type InnerList, type Item } from 'structured-headers'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Presented } from './presented.ts'

/** The first signature of a request, as RFC 9421 writes it into two headers. */
export interface SignatureParts {
  /** What is signed, in this order: `@method`, `content-digest`. */
  readonly components: readonly string[]
  readonly keyId: string
  readonly created: number
  readonly expires: number | null
  readonly nonce: string
  readonly algorithm: string | null
  readonly signature: Buffer
  /** The last line of what is signed. */
  readonly parameters: string
}

const parameterCheck = Compile(
  Type.Object({
    keyid: Type.String(),
    created: Type.Number(),
    nonce: Type.String(),
    expires: Type.Optional(Type.Number()),
    alg: Type.Optional(Type.String()),
  }),
)

/** Null for what cannot be read, or says less than is needed. */
export function readSignature({ headers }: Pick<Presented, 'headers'>): SignatureParts | null {
  try {
    const [[label, input] = []] = parseDictionary(String(headers['signature-input']))
    const [bytes] = parseDictionary(String(headers['signature'])).get(label ?? '') ?? []
    if (!isInnerList(input) || !(bytes instanceof ArrayBuffer)) return null
    const components = input[0].map(plainName)
    const given: unknown = Object.fromEntries(input[1])
    if (!components.every((name) => name !== null) || !parameterCheck.Check(given)) return null
    const { keyid: keyId, created, nonce, expires = null, alg: algorithm = null } = given
    const parameters = serializeInnerList(input)
    const signature = Buffer.from(bytes)
    return { components, keyId, created, expires, nonce, algorithm, signature, parameters }
  } catch {
    return null
  }
}

/** Null for one that has parameters: none is needed here. */
function plainName([name, parameters]: Item): string | null {
  return typeof name === 'string' && parameters.size === 0 ? name : null
}

/** The text that is signed: a line for each component, and one for the parameters. Null for one that is not there. */
export function signatureBase(
  presented: Pick<Presented, 'headers' | 'method' | 'url'>,
  { components, parameters }: Pick<SignatureParts, 'components' | 'parameters'>,
): string | null {
  const lines = components.map((name) => [name, valueOf(presented, name)] as const)
  if (new Set(components).size < components.length) return null
  if (lines.some(([, value]) => value === null)) return null
  return [...lines, ['@signature-params', parameters] as const]
    .map(([name, value]) => `"${name}": ${value}`)
    .join('\n')
}

function valueOf(
  { method, url, headers }: Pick<Presented, 'headers' | 'method' | 'url'>,
  name: string,
): string | null {
  const [path = '', ...query] = url.split('?')
  if (name === '@method') return method
  if (name === '@request-target') return url
  if (name === '@path') return path === '' ? '/' : path
  if (name === '@query') return `?${query.join('?')}`
  if (name === '@authority') return String(headers['host'] ?? '').toLowerCase()
  const value = headers[name]
  if (name.startsWith('@') || value === undefined) return null
  return [value]
    .flat()
    .map((part) => part.trim())
    .join(', ')
}

function isInnerList(member: unknown): member is InnerList {
  return Array.isArray(member) && Array.isArray(member[0])
}

/** The SHA-256 in a Content-Digest header (RFC 9530); null when there is none in it. */
export function sha256Of(contentDigest: string): Buffer | null {
  try {
    const [digest] = parseDictionary(contentDigest).get('sha-256') ?? []
    return digest instanceof ArrayBuffer && digest.byteLength === 32 ? Buffer.from(digest) : null
  } catch {
    return null
  }
}
