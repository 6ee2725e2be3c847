import { beforeAll, describe, expect, test } from 'vitest'
import { describeApi } from '../../scripts/describe-api.ts'
import type { AuditLine } from '../../src/core/audit-line.ts'
import type { RagstoneProcess } from '../ragstone-process.ts'
import { recordExercise } from './record-exercise.ts'
import { templateOf, type Exchange } from './recorder.ts'

// Over the OpenAPI document and what the exercise does with it: a route that is added is tested without a change here.

/** Operations that may leave no entry when they are done, with the reason. */
const UNRECORDED: Readonly<Record<string, string>> = {}

const SAFE = ['get', 'head', 'options']

interface ApiPaths {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}
const { paths } = (await describeApi()) as ApiPaths
const unsafe = Object.entries(paths).flatMap(([path, methods]) =>
  Object.keys(methods)
    .filter((method) => !SAFE.includes(method))
    .map((method) => ({ name: `${method} ${path}`, method, path })),
)

let exchanges: readonly Exchange[] = []
let entries: readonly AuditLine[] = []
let tenantId = ''
const began = new Date()

beforeAll(async () => {
  exchanges = await recordExercise(async (server) => {
    const whoami = await ask<{ tenant_id: string }>(server, '/api/whoami')
    tenantId = whoami.tenant_id
    entries = await readAll(server)
  })
}, 240_000)

async function ask<Answer>(
  { url, key }: RagstoneProcess,
  path: string,
): Promise<Answer & { readonly has_more?: boolean }> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } })
  return (await response.json()) as Answer & { readonly has_more?: boolean }
}

async function readAll(server: RagstoneProcess): Promise<readonly AuditLine[]> {
  const all: AuditLine[] = []
  for (const log of ['tenant', 'server']) {
    for (let after = ''; ;) {
      const from = after === '' ? '' : `&after=${after}`
      const page = await ask<{ data: readonly AuditLine[] }>(
        server,
        `/api/audit?limit=1000&log=${log}${from}`,
      )
      all.push(...page.data)
      after = page.data.at(-1)?.id ?? ''
      if (page.has_more !== true) break
    }
  }
  return all
}

describe('what was done is in the audit log', () => {
  const templates = Object.keys(paths)
  const doneBy = ({ method, path }: (typeof unsafe)[number]) =>
    exchanges.filter(
      (exchange) =>
        exchange.method === method &&
        exchange.status < 400 &&
        templateOf(templates, exchange.path) === path,
    )

  test.each(unsafe.filter(({ name }) => !(name in UNRECORDED)))('$name', (operation) => {
    const done = doneBy(operation)
    const noted = done.map(({ requestId }) =>
      entries.filter((entry) => entry.request_id === requestId),
    )

    // Each operation is done at least once: else test/clients/exercise.ts lacks it.
    expect(done).not.toEqual([])
    expect(noted.filter((found) => found.length === 0)).toEqual([])
    for (const entry of noted.flat()) {
      expect(entry).toMatchObject({
        tenant_id: tenantId,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        action: expect.stringMatching(/^[a-z_]+(\.[a-z_]+)+$/),
        actor: { kind: expect.stringMatching(/^(key|user)$/), id: expect.any(String) },
        address: '127.0.0.1',
        // An answer that was begun may fail later, or be cancelled.
        outcome: entry.action.startsWith('question.')
          ? expect.stringMatching(/^(done|failed)$/)
          : 'done',
      })
      expect(new Date(entry.at).getTime()).toBeGreaterThan(began.getTime())
    }
  })

  test('what needs no entry has a reason, and is there', () => {
    const names = unsafe.map(({ name }) => name)

    expect(Object.keys(UNRECORDED).filter((name) => !names.includes(name))).toEqual([])
    expect(Object.values(UNRECORDED).filter((reason) => reason.length < 20)).toEqual([])
  })
})

test('the start of the server is in its own log, with its configuration and without its secrets', () => {
  const [start] = entries.filter(({ action }) => action === 'server.start')

  expect(start).toMatchObject({
    tenant_id: 'server',
    actor: { kind: 'system', id: null },
    outcome: 'done',
    detail: { configuration: { chat: { models: [{ name: 'llama' }] } } },
  })
})

test('the first key is in the log of the first tenant', () => {
  const [first] = entries.filter(
    ({ action, actor }) => action === 'api_key.create' && actor.kind === 'system',
  )

  expect(first).toMatchObject({
    tenant_id: tenantId,
    target: expect.stringMatching(/^key_/),
    detail: { name: 'first' },
  })
})

test('every question that was answered is in the log of its tenant', () => {
  const asked = exchanges.filter(
    ({ path, status, method }) =>
      method === 'post' && status < 300 && /^\/v1\/(responses|chat\/completions)$/.test(path),
  )
  const noted = new Set(
    entries
      .filter(({ action }) => action === 'question.ask')
      .map(({ request_id: requestId }) => requestId),
  )

  expect(asked.filter(({ requestId }) => !noted.has(requestId))).toEqual([])
})
