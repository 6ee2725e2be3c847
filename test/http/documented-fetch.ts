import type { FastifyInstance } from 'fastify'
import { Compile } from 'typebox/compile'

interface Operation {
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/**
 * A fetch that throws on every answer which the server's own OpenAPI document does not describe:
 * an operation, a status, or a body of another shape.
 */
export function documentedFetch(app: FastifyInstance): typeof fetch {
  let document: Promise<Document> | undefined
  const checks = new Map<object, ReturnType<typeof Compile>>()
  return async (input, init) => {
    document ??= loadDocument(app)
    const response = await fetch(input, init)
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    const call = `${(init?.method ?? 'GET').toLowerCase()} ${pathname}`
    const schema = schemaOf(await document, call, response)
    if (schema === null) return response
    const check = checks.get(schema) ?? Compile(schema)
    checks.set(schema, check)
    const body: unknown = await response.clone().json()
    const problems = [...check.Errors(body)]
    if (problems.length === 0) return response
    throw new Error(`${call}: ${JSON.stringify(problems)} in ${JSON.stringify(body)}`)
  }
}

/** Null where the answer is no JSON, or the call is of no operation at all. */
function schemaOf(document: Document, call: string, response: Response): object | null {
  const operation = operationOf(document, call)
  if (operation === undefined) return null
  const described = operation.responses?.[response.status]
  if (described === undefined) throw new Error(`${call} is not said to answer ${response.status}.`)
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  return isJson ? (described.content?.['application/json']?.schema ?? null) : null
}

async function loadDocument(app: FastifyInstance): Promise<Document> {
  const document = (await app.inject('/openapi.json')).json<object>()
  return resolveRefs(document, document) as Document
}

function operationOf({ paths }: Document, call: string): Operation | undefined {
  const [method = '', path = ''] = call.split(' ')
  const template = Object.keys(paths)
    .toSorted((a, b) => a.split('{').length - b.split('{').length)
    .find((each) => new RegExp(`^${each.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path))
  return template === undefined ? undefined : paths[template]?.[method]
}

function resolveRefs(node: unknown, root: object): unknown {
  if (Array.isArray(node)) return node.map((item) => resolveRefs(item, root))
  if (typeof node !== 'object' || node === null) return node
  if ('$ref' in node && typeof node.$ref === 'string') {
    const parts = node.$ref.replace('#/', '').split('/')
    const target = parts.reduce<unknown>((at, part) => Reflect.get(Object(at), part), root)
    return resolveRefs(target, root)
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, resolveRefs(value, root)]),
  )
}
