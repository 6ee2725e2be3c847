import examples from './openapi-examples.json' with { type: 'json' }
import { FAILURES } from './openapi-failures.ts'

type Json = { [key: string]: unknown }
type Examples = Readonly<
  Record<string, { readonly request?: unknown; readonly responses: Readonly<Record<string, Json>> }>
>

const OPERATIONS: Examples = examples.operations
const FAILURE_EXAMPLES: Readonly<Record<string, unknown>> = examples.failures

/** What the framework wrote of the routes, made whole: named operations, shared parts, real answers as examples. */
export function finishDocument<Document extends object>(document: Document): Document {
  const { paths, ...rest } = shareSchemas(document) as Document & { paths: Json; components: Json }
  const finished = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(Object(methods)).map(([method, operation]) => [
        method,
        finishOperation({ method, path }, operation as Json),
      ]),
    ),
  ])
  return {
    ...rest,
    paths: Object.fromEntries(finished),
    components: { ...rest.components, responses: failureResponses(), headers: HEADERS },
  } as unknown as Document
}

const HEADERS = {
  RequestId: {
    description: 'Names this request in the log.',
    schema: { type: 'string' },
    example: 'req_01a1fd3733ab70759661545e33c27ee6',
  },
  RetryAfter: {
    description: 'Seconds after which to try again; `retry-after-ms` says it in milliseconds.',
    schema: { type: 'integer' },
    example: 2,
  },
}
const REQUEST_ID = { 'x-request-id': { $ref: '#/components/headers/RequestId' } }

function finishOperation(place: Place, operation: Json): Json {
  const example = OPERATIONS[`${place.method} ${place.path}`]
  const { requestBody, responses, ...rest } = operation
  return {
    operationId: operationId(place),
    ...rest,
    ...(requestBody === undefined ? {} : { requestBody: withRequest(requestBody, example) }),
    responses: Object.fromEntries(
      Object.entries(Object(responses)).map(([status, response]) => [
        status,
        finishResponse(status, response as Json, example?.responses[status] ?? {}),
      ]),
    ),
  }
}

function withRequest(body: unknown, example: Examples[string] | undefined): unknown {
  const { content, ...rest } = Object(body) as Json
  const given = example?.request === undefined ? {} : { 'application/json': example.request }
  return { ...rest, content: withExamples(content, given) }
}

function finishResponse(status: string, response: Json, given: Json): Json {
  const isEnvelope = JSON.stringify(response).includes(ENVELOPE_REF)
  if (Number(status) >= 400 && isEnvelope)
    return { $ref: `#/components/responses/Failure${status}` }
  const { content, description, ...rest } = response
  return {
    description:
      description === 'Default Response' ? (FAILURES[Number(status)] ?? 'Done.') : description,
    ...rest,
    headers: REQUEST_ID,
    ...(content === undefined ? {} : { content: withExamples(content, given) }),
  }
}

function withExamples(content: unknown, given: Json): Json {
  return Object.fromEntries(
    Object.entries(Object(content)).map(([type, media]) => [
      type,
      type in given ? { ...Object(media), example: given[type] } : media,
    ]),
  )
}

const ENVELOPE_REF = '#/components/schemas/Error'

function failureResponses(): Json {
  const shared = Object.entries(FAILURES).map(([status, description]) => {
    const again = status === '429' || status === '503'
    return [
      `Failure${status}`,
      {
        description,
        headers: {
          ...REQUEST_ID,
          ...(again ? { 'retry-after': { $ref: '#/components/headers/RetryAfter' } } : {}),
        },
        content: {
          'application/json': { schema: { $ref: ENVELOPE_REF }, example: FAILURE_EXAMPLES[status] },
        },
      },
    ]
  })
  return Object.fromEntries(shared)
}

interface Place {
  readonly method: string
  readonly path: string
}

/** `get /v1/files/{file_id}/content` is `getFileContent`. */
function operationId({ method, path }: Place): string {
  const segments = path.split('/').slice(path.startsWith('/v1') || path.startsWith('/api') ? 2 : 1)
  const words = segments.flatMap((segment, index) => {
    if (segment.startsWith('{')) return []
    const one = segments[index + 1]?.startsWith('{') === true
    return (one ? segment.replace(/(?<=ch)es$|s$/, '') : segment).split(/[^a-z]/)
  })
  return [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('')
}

/** Each schema with a title is written once, under components, and referred to from everywhere else. */
function shareSchemas<Document extends object>(document: Document): Document {
  const schemas: Json = {}
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node !== 'object' || node === null) return node
    const walked: Json = Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, walk(value)]),
    )
    const { title, ...schema } = walked
    if (typeof title !== 'string' || !('properties' in schema)) return walked
    const { description: _ofUse, ...definition } = schema
    schemas[title] = definition
    return { $ref: `#/components/schemas/${title}` }
  }
  const walked = walk(document) as Document & { components?: Json }
  return { ...walked, components: { ...walked.components, schemas } }
}
