import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import { errorEnvelope } from '../contract/error-envelope.ts'
import { finishDocument } from './openapi-document.ts'
import { FAILURES } from './openapi-failures.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Statuses of this route beyond those that every route of its kind may give. */
    readonly failures?: readonly number[]
    /** Of a multipart form, which is read by hand and not by its schema. */
    readonly form?: object
    /** With `stream: true`, server-sent events take the place of the object. */
    readonly streams?: boolean
  }
}

const TAGS = [
  { name: 'Models', description: 'What may be named as a model.' },
  { name: 'Files', description: 'Documents as they were uploaded.' },
  { name: 'Vector stores', description: 'Sets of documents that questions are answered over.' },
  { name: 'Vector store files', description: 'Documents in a vector store.' },
  { name: 'Vector store file batches', description: 'Many documents at once.' },
  { name: 'Chunks', description: 'What searches find: to be seen, edited and disabled.' },
  {
    name: 'Golden questions',
    description: 'What a vector store is judged by: questions, and where their answers are.',
  },
  { name: 'Responses', description: "Answers, in OpenAI's newer form." },
  { name: 'Conversations', description: 'What was said before, kept by the server.' },
  { name: 'Chat completions', description: "Answers, in OpenAI's older form." },
  { name: 'Embeddings', description: 'Texts as vectors.' },
  { name: 'Answers', description: 'Why an answer is what it is.' },
  { name: 'Ingestion', description: 'How far indexing is.' },
  { name: 'Sources', description: 'Where documents come from by themselves, kept in step.' },
  { name: 'Jobs', description: 'The work on documents: watched, cancelled, replayed.' },
  {
    name: 'Embedding models',
    description: 'Which one the documents are embedded by, and how to change it.',
  },
  { name: 'Access', description: 'Who is calling.' },
  { name: 'People', description: 'Who they are, and how they sign in.' },
  {
    name: 'Files at rest',
    description: 'What is kept of files: whether it is all there, and how it is encrypted.',
  },
  { name: 'Tenants', description: 'Whose documents they are, and how much of them there may be.' },
  {
    name: 'Usage',
    description: 'What models were used for, what it cost, and what may still be used.',
  },
  { name: 'Audit', description: 'Who did what, when, from where.' },
  { name: 'Health', description: 'Whether the server is well.' },
]

/** Must be registered before the routes that it is to describe. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    convertConstToEnum: false,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Ragstone',
        version,
        description:
          "Answers over an organisation's own documents, every claim cited to the bytes it came from. `/v1` is OpenAI's API; members called `ragstone` are additions.",
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This server.' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `rs_…`.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'ragstone_session',
            description:
              'Of a person who signed in; over TLS it is called `__Host-ragstone_session`. What is not a GET carries X-CSRF-Token besides.',
          },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ url, schema: withFailures(schema, route) }),
    transformObject: (document) =>
      'openapiObject' in document ? finishDocument(document.openapiObject) : document.swaggerObject,
  })
}

/** Statuses of all failures, in order. */
function failuresOf({ config, url, method }: RouteOptions): readonly number[] {
  const { scope, failures = [], idempotent = false, unlimited = false } = config ?? {}
  const statuses = new Set([400, 500, ...failures])
  // The 404 is of a tenant that an operator names in a header.
  if (scope !== 'public') for (const status of [401, 403, 404, 429, 503]) statuses.add(status)
  if (!unlimited) statuses.add(429)
  if (url.includes(':')) statuses.add(404)
  // A body that nobody asked for is read all the same.
  if (method !== 'GET') statuses.add(413).add(415)
  if (idempotent) statuses.add(409)
  return [...statuses].toSorted((a, b) => a - b)
}

function withFailures(schema: FastifySchema | undefined, route: RouteOptions): FastifySchema {
  const { response, ...rest } = schema ?? {}
  const { scope, form, streams = false, idempotent = false } = route.config ?? {}
  const isPublic = scope === 'public'
  const described = failuresOf(route).map((status) => [
    status,
    { description: FAILURES[status], ...errorEnvelope },
  ])
  return {
    ...rest,
    ...(form === undefined ? {} : { body: form }),
    ...(idempotent ? { headers: IDEMPOTENCY_KEY } : {}),
    security: isPublic ? [] : [{ apiKey: [] }, { session: [] }],
    response: {
      ...Object.fromEntries(described),
      // Where a route fails in a form of its own, that is what it says.
      ...(streams ? alsoStreamed(Object(response)) : Object(response)),
    },
  }
}

const IDEMPOTENCY_KEY = {
  type: 'object',
  properties: {
    'Idempotency-Key': {
      type: 'string',
      minLength: 1,
      maxLength: 255,
      description:
        'The same request with the same key is done once: for 24 hours its answer is given again, with `Idempotency-Replayed: true`. 409 while it is still worked on, 400 where the key came with another request. Failures of the server are not kept. No effect with `stream: true`.',
    },
  },
}

function alsoStreamed(response: { readonly 200?: unknown }): object {
  const events = { type: 'string', description: 'Server-sent events, with `stream: true`.' }
  return {
    200: {
      description: 'The answer.',
      content: {
        'application/json': { schema: response[200] },
        'text/event-stream': { schema: events },
      },
    },
  }
}
