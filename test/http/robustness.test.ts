import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { chatRequest } from '../../src/contract/chat-completion.ts'
import { embeddingRequest } from '../../src/contract/embedding.ts'
import { fileBatchCreate } from '../../src/contract/file-batch.ts'
import { responseRequest } from '../../src/contract/response-request.ts'
import { searchRequest } from '../../src/contract/search.ts'
import { vectorStoreFileCreate } from '../../src/contract/vector-store-file.ts'
import { vectorStoreCreate } from '../../src/contract/vector-store.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\uD800',
    'vs_1',
    'file_search',
    'user',
    'eq',
    'auto',
    'extractive',
  ),
)
const value = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }),
  fc.constantFrom<unknown>(
    [{ role: 'user', content: 'x' }],
    [{ type: 'file_search', vector_store_ids: ['vs_1'] }],
    { type: 'eq', key: 'a', value: 1 },
    { type: 'and', filters: [] },
    1e308,
    -1,
    2 ** 53,
  ),
)

/** Bodies whose members are known, so that what is behind the first check is reached as well. */
const bodyFor = (schema: { readonly properties: object }) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.dictionary(fc.constantFrom(...Object.keys(schema.properties)), value, {
        maxKeys: 5,
      }),
    },
    { weight: 1, arbitrary: fc.jsonValue({ stringUnit: 'binary' }) },
  )

test.each([
  ['/v1/responses', responseRequest],
  ['/v1/chat/completions', chatRequest],
  ['/v1/embeddings', embeddingRequest],
  ['/v1/vector_stores', vectorStoreCreate],
  ['/v1/vector_stores/:store', vectorStoreCreate],
  ['/v1/vector_stores/:store/search', searchRequest],
  ['/v1/vector_stores/:store/files', vectorStoreFileCreate],
  ['/v1/vector_stores/:store/file_batches', fileBatchCreate],
])('nothing sent to %s breaks the server', { timeout: 120_000 }, async (path, schema) => {
  const { app, client, key } = world()
  const { id } = await client.vectorStores.create({})
  await fc.assert(
    fc.asyncProperty(bodyFor(schema), async (body) => {
      const response = await app.inject({
        method: 'POST',
        url: path.replace(':store', id),
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        payload: JSON.stringify(body),
      })
      expect(response.statusCode, response.body).toBeLessThan(500)
      if (response.statusCode >= 400) {
        expect(response.json()).toEqual({
          error: {
            message: expect.any(String),
            type: 'invalid_request_error',
            code: expect.any(String),
            param: expect.toBeOneOf([null, expect.any(String)]),
          },
        })
      }
    }),
    { numRuns: 150 },
  )
})

test('nothing in a path or a query breaks the server', { timeout: 120_000 }, async () => {
  const { app, key } = world()
  const paths = [
    '/v1/files/:id',
    '/v1/files/:id/content',
    '/v1/files',
    '/v1/models/:id',
    '/v1/vector_stores',
    '/v1/vector_stores/:id',
    '/v1/vector_stores/:id/files',
    '/v1/vector_stores/:id/files/:id',
    '/v1/vector_stores/:id/file_batches/:id',
    '/v1/responses/:id',
    '/v1/responses/:id/input_items',
    '/api/answers/:id/trace',
    '/api/vector_stores/:id/documents',
  ]
  const names = [
    'after',
    'before',
    'limit',
    'order',
    'purpose',
    'filter',
    'include',
    'include[]',
    'source_key',
  ]
  const wellFormed = text.filter((part) => part.isWellFormed())
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      wellFormed,
      fc.dictionary(fc.constantFrom(...names), wellFormed),
      async (path, id, query) => {
        const url = `${path.replaceAll(':id', encodeURIComponent(id))}?${new URLSearchParams(query).toString()}`
        const response = await app.inject({ url, headers: { authorization: `Bearer ${key}` } })
        expect(response.statusCode, url).toBeLessThan(500)
      },
    ),
    { numRuns: 400 },
  )
})
