import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { inParallel } from '../in-parallel.ts'
import { BACKENDS } from '../storage/backends.ts'
import {
  gather,
  ghostOf,
  idsFor,
  placed,
  readOperations,
  type Operation,
  type Slot,
} from './intruder.ts'
import { useHttpWorld } from './world.ts'

/** In every text of the victim's. */
const CANARY = 'heliotrope'
const ATTEMPTS = 10_000
const PATIENCE = { timeout: 1_800_000 }

interface Answered {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

/** Ids in the places of one operation. */
interface Attempt {
  readonly operation: Operation
  readonly ids: ReadonlyMap<Slot, string>
}

describe.each(BACKENDS)('The wall between tenants, over HTTP, on %s', (kind) => {
  const world = useHttpWorld(kind, { jobs: true })
  let operations: readonly Operation[] = []
  let victimKey = ''
  let intruderKey = ''
  const victims = new Map<string, Set<string>>()
  const own = new Map<string, Set<string>>()

  beforeAll(async () => {
    operations = await readOperations(world().app)
    // Who may do everything has one of everything.
    victimKey = await world().newKey(['admin', 'ask', 'ingest', 'operator', 'read'])
    intruderKey = await world().newTenantKey()
    // The examples change what is there already, so the victim's words are said once more after them.
    await settle(victimKey, victims, CANARY)
    await settleByExamples(victimKey, victims)
    await settle(victimKey, victims, CANARY)
    const vectorStoreId = idsFor('vector_store_id', victims).at(-1) ?? ''
    const fileId = idsFor('file_id', victims).at(-1) ?? ''
    // So that the number of a chunk is nothing else's, and as long as one that there is not.
    const numbers = `select setval(pg_get_serial_sequence('chunks', 'id'), 123456789000)`
    await world().backend.pool.query(numbers)
    await world().index({ vectorStoreId, fileId }, `The ${CANARY} is in bloom.`)
    const document = `/api/vector_stores/${vectorStoreId}/files/${fileId}`
    gather(victims, readJson((await send(victimKey, 'GET', `${document}/chunks`)).text))
    await settle(intruderKey, own, 'plain')
    await settleByExamples(intruderKey, own)
    // The victim, who may list all tenants, has seen the intruder's.
    for (const id of [...own.values()].flatMap((ids) => [...ids])) {
      for (const ids of victims.values()) ids.delete(id)
    }
  }, 240_000)

  /** One of everything: by hand what needs bytes, and by the document's own examples the rest. */
  async function settle(key: string, belongings: Map<string, Set<string>>, word: string) {
    const take = ({ status, text }: Answered) => {
      if (status !== 200) return undefined
      const answer = readJson(text)
      gather(belongings, answer)
      return answer as { readonly id: string } | undefined
    }
    const file = take(await upload(key, `${word}.txt`, `The ${word} is in bloom.`))
    const name = `store of ${word}`
    const metadata = { about: word }
    const store = take(await send(key, 'POST', '/v1/vector_stores', { name, metadata }))
    const inStore = `/v1/vector_stores/${store?.id}`
    const membership = { file_id: file?.id, attributes: metadata }
    take(await send(key, 'POST', `${inStore}/files`, membership))
    take(await send(key, 'POST', `${inStore}/file_batches`, { file_ids: [file?.id] }))
    const golden = { question: `Where is the ${word}?`, expected: [{ file: `${word}.txt` }] }
    const inOwnApi = `/api/vector_stores/${store?.id}/golden_questions`
    take(await send(key, 'POST', inOwnApi, { questions: [golden] }))
    const said = { type: 'message', role: 'user', content: `What of the ${word}?` }
    const talk = take(await send(key, 'POST', '/v1/conversations', { metadata, items: [said] }))
    take(await send(key, 'GET', `/v1/conversations/${talk?.id}/items`))
    const question = { model: 'extractive', input: `Where is the ${word}?`, metadata }
    take(await send(key, 'POST', '/v1/responses', question))
    const folder = join(world().folder, 'sources', word)
    await mkdir(folder, { recursive: true })
    const settings = { path: folder, watch: false }
    const place = { vector_store_id: store?.id, name: word, kind: 'folder', settings }
    const source = take(await send(key, 'POST', '/api/sources', place))
    take(await send(key, 'POST', `/api/sources/${source?.id}/syncs`, {}))
    const person = { email: `${word}@campus.example`, password: 'violet anchor soup ledger' }
    const user = { ...person, name: word, role: 'member' }
    take(await send(key, 'POST', '/api/users', user))
    take(await send(key, 'POST', '/auth/sign-in', person))
  }

  async function settleByExamples(key: string, belongings: Map<string, Set<string>>) {
    const take = ({ status, text }: Answered) => {
      if (status === 200) gather(belongings, readJson(text))
    }
    for (const operation of operations) {
      if (operation.method !== 'POST' || operation.isPublic || operation.example === undefined)
        continue
      const ids = new Map(
        operation.slots
          .filter((slot) => slot.in === 'path')
          .map((slot) => [slot, idsFor(slot.name, belongings)[0] ?? 'none']),
      )
      take(await perform(key, { operation, ids }))
    }
    for (const { method, path, isPublic } of operations) {
      if (method === 'GET' && !isPublic && !path.includes('{')) take(await send(key, method, path))
    }
  }

  // oxlint-disable-next-line max-params -- as a request is said
  async function send(key: string, method: string, url: string, body?: unknown): Promise<Answered> {
    const answer = await world().app.inject({
      method: method as 'GET',
      url,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    return { status: answer.statusCode, text: answer.body, headers: answer.headers }
  }

  async function upload(key: string, filename: string, text: string): Promise<Answered> {
    const form = new FormData()
    form.set('purpose', 'assistants')
    form.set('file', new Blob([text]), filename)
    const headers = { authorization: `Bearer ${key}` }
    const answer = await fetch(`${world().url}/v1/files`, { method: 'POST', headers, body: form })
    return { status: answer.status, text: await answer.text(), headers: {} }
  }

  function perform(key: string, { operation, ids }: Attempt): Promise<Answered> {
    let path = operation.path
    let body = operation.example
    const query = new URLSearchParams()
    for (const [slot, id] of ids) {
      if (slot.in === 'path') path = path.replace(`{${slot.name}}`, encodeURIComponent(id))
      else if (slot.in === 'query') query.set(slot.name, id)
      else body = placed(body, slot.way, id)
    }
    return send(key, operation.method, `${path}?${query.toString()}`, body)
  }

  /** What is left of an answer when the ids that were tried are taken for one another. */
  function essence({ status, text, headers }: Answered, ids: Iterable<string>): string {
    const { 'x-request-id': _id, date: _date, ...kept } = headers
    const said = `${status} ${JSON.stringify(kept)} ${text}`
    return [...ids].reduce((rest, id, at) => rest.replaceAll(id, `<${at}>`), said)
  }

  /** Foreign ids in at least one place, and in the others of the path something of the intruder's own. */
  function attempts(): fc.Arbitrary<Attempt> {
    const possibleOf = ({ slots }: Operation) =>
      slots.filter(({ name }) => idsFor(name, victims).length > 0)
    const targets = operations.filter((each) => !each.isPublic && possibleOf(each).length > 0)
    return fc.constantFrom(...targets).chain((operation) => {
      const possible = possibleOf(operation)
      return fc
        .record({
          foreign: fc.subarray([...possible], {
            minLength: 1,
            maxLength: Math.min(3, possible.length),
          }),
          picks: fc.array(fc.nat(10_000), { minLength: 8, maxLength: 8 }),
        })
        .map(({ foreign, picks }) => {
          const ids = new Map<Slot, string>()
          for (const [at, slot] of operation.slots.entries()) {
            const from = foreign.includes(slot) ? victims : own
            if (!foreign.includes(slot) && slot.in !== 'path') continue
            const choice = idsFor(slot.name, from)
            const id = choice[(picks[at % picks.length] ?? 0) % Math.max(choice.length, 1)]
            ids.set(slot, id ?? 'none')
          }
          return { operation, ids }
        })
    })
  }

  const isVictims = (id: string) => [...victims.values()].some((ids) => ids.has(id))

  /** What a ghost of the kind was answered. */
  const toldOfGhosts = new Map<string, string>()

  async function faultOf(attempt: Attempt): Promise<string | null> {
    const ghosts = new Map(
      [...attempt.ids].map(([slot, id]) => [slot, isVictims(id) ? ghostOf(id) : id]),
    )
    const answer = await perform(intruderKey, attempt)
    const what = `${attempt.operation.name} ${JSON.stringify([...attempt.ids].map(([slot, id]) => [slot.way.join('.') || slot.name, id]))}`
    if (answer.text.includes(CANARY)) return `${what} gave away: ${answer.text}`
    // A filter that names nothing finds nothing.
    const isEmpty = answer.status === 200 && foundNothing(answer.text)
    if (![400, 403, 404].includes(answer.status) && !isEmpty)
      return `${what} was answered ${answer.status}: ${answer.text.slice(0, 300)}`
    const seen = essence(answer, attempt.ids.values())
    // What was said once of such a ghost is said of all of them, as long as nothing else has changed; what is not the
    // same is asked again.
    const kind = kindOf(attempt)
    if (toldOfGhosts.get(kind) === seen) return null
    const ghost = await perform(intruderKey, { ...attempt, ids: ghosts })
    const expected = essence(ghost, ghosts.values())
    toldOfGhosts.set(kind, expected)
    return seen === expected ? null : `${what}:\n${seen}\n${expected}`
  }

  /** The same places, filled with the same of the intruder's and with ids of the same kinds of the victim's. */
  function kindOf({ operation, ids }: Attempt): string {
    const filled = [...ids].map(([slot, id]) => [
      slot.in,
      slot.name,
      slot.way,
      isVictims(id) ? `${id.replace(/[0-9a-f]{20,}$/, '')} ${id.length}` : id,
    ])
    return JSON.stringify([operation.name, filled])
  }

  test('every id that a route takes is of a kind that the victim has', () => {
    const unknown = operations.flatMap(({ name, slots, isPublic }) =>
      slots
        .filter(
          (slot) => !isPublic && slot.in === 'path' && idsFor(slot.name, victims).length === 0,
        )
        .map((slot) => `${name}: ${slot.name}`),
    )

    expect(unknown).toEqual([])
  })

  test.for([1, 32])(
    `${ATTEMPTS} attempts, %i at once, are answered as if there were no such thing`,
    PATIENCE,
    async (lanes) => {
      const before = await keptBy(victimKey)
      const faults = new Set<string>()
      const tried = fc.sample(attempts(), { numRuns: ATTEMPTS, seed: 20_261_121 + lanes })
      await inParallel(lanes, tried, async (attempt) => {
        const fault = await faultOf(attempt)
        if (fault !== null) faults.add(fault)
      })

      expect([...faults].slice(0, 10)).toEqual([])
      expect(await keptBy(victimKey)).toEqual(before)
    },
  )

  test('no list of the intruder shows anything of the victim', async () => {
    const shown = await everythingOf(intruderKey)
    const ids = [...victims.values()].flatMap((each) => [...each])

    expect(shown.filter((text) => text.includes(CANARY))).toEqual([])
    // His own audit log names what he tried.
    const foreign = shown.filter((text) => !text.startsWith('/api/audit'))
    expect(foreign.filter((text) => ids.some((id) => text.includes(id)))).toEqual([])
  })

  test("the victim's idempotency key brings the intruder an answer of his own", async () => {
    const as = async (key: string) => {
      const answer = await world().app.inject({
        method: 'POST',
        url: '/v1/vector_stores',
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'the-same' },
        payload: { name: 'same' },
      })
      return {
        id: answer.json<{ id: string }>().id,
        replayed: answer.headers['idempotency-replayed'],
      }
    }
    const [mine, his] = [await as(victimKey), await as(intruderKey)]

    expect(his.id).not.toBe(mine.id)
    expect(his.replayed).toBeUndefined()
  })

  test('the tools and resources of MCP know nothing of the victim', PATIENCE, async () => {
    const { tools } = (await rpc(intruderKey, 'tools/list', {})) as {
      readonly tools: readonly Tool[]
    }
    const { resources } = (await rpc(victimKey, 'resources/list', {})) as {
      readonly resources: readonly { readonly uri: string }[]
    }
    const ids = [...victims.values()].flatMap((each) => [...each])
    const [store = ''] = idsFor('vector_store_id', victims)
    const [file = ''] = idsFor('file_id', victims)
    const documents = [`${store}/${file}`, `${store}:${file}`, ...resources.map(({ uri }) => uri)]
    const tries = [...ids, ...documents]
    const calls = [
      ...tries.flatMap((id) => tools.flatMap((tool) => argumentsOf(tool, id))),
      ...tries.map((uri) => ({ method: 'resources/read', params: { uri } })),
    ]
    expect(tools.length).toBeGreaterThan(2)
    expect(resources.length).toBeGreaterThan(0)
    for (const { method, params } of calls) {
      const [seen, expected] = [params, withGhosts(params)]
      const said = JSON.stringify(await rpc(intruderKey, method, seen))
      const ghost = JSON.stringify(await rpc(intruderKey, method, expected))
      expect(said).not.toContain(CANARY)
      expect(masked(said)).toBe(masked(ghost))
    }
  })

  /** Ids of the victim, wherever they stand, in place of which nobody has any. */
  function withGhosts(params: object): object {
    return JSON.parse(
      JSON.stringify(params).replaceAll(ANY_ID, (id) => (isVictims(id) ? ghostOf(id) : id)),
    ) as object
  }

  async function rpc(key: string, method: string, params: object): Promise<unknown> {
    const answer = await world().app.inject({
      method: 'POST',
      url: '/mcp',
      headers: {
        authorization: `Bearer ${key}`,
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
      },
      payload: { jsonrpc: '2.0', id: 1, method, params },
    })
    const { body } = answer
    const text = /^data: (.*)$/m.exec(body)?.[1] ?? body
    const said = readJson(text) as { readonly result?: unknown; readonly error?: unknown }
    return said.result ?? said.error ?? said
  }

  /** But for the audit log, which keeps that it was read. */
  async function keptBy(key: string): Promise<readonly string[]> {
    return (await everythingOf(key)).filter((text) => !text.startsWith('/api/audit'))
  }

  async function everythingOf(key: string): Promise<readonly string[]> {
    const lists = operations.filter(
      ({ method, path, isPublic }) =>
        method === 'GET' && !isPublic && /^\/(api|v1)\/[^{]*$/.test(path),
    )
    return Promise.all(
      lists.map(async ({ path }) => {
        const { text } = await send(key, 'GET', path)
        return `${path} ${text.replaceAll(/"(last_\w+_at|until|oldest_seconds)":[\d.]+/g, '')}`
      }),
    )
  }
})

/** A list without items, or counts that are all nought. */
function foundNothing(text: string): boolean {
  const counts = Object.values(Object(readJson(text)) as object).filter(Number.isFinite)
  return text.includes('"data":[]') || (counts.length > 0 && counts.every((count) => count === 0))
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Tool {
  readonly name: string
  readonly inputSchema: {
    readonly properties?: Readonly<Record<string, { readonly type?: string }>>
    readonly required?: readonly string[]
  }
}

const ANY_ID = /[a-z]+[-_][0-9a-f]{32}/g
/** Ids, and what a message of limited length shows of one. */
const masked = (text: string) => text.replaceAll(/[a-z]+[-_][0-9a-f]{20,32}/g, '<id>')

/** Calls of the tool with the id as each of its arguments, alone beside the required ones. */
function argumentsOf({ name, inputSchema }: Tool, id: string) {
  const { properties = {}, required = [] } = inputSchema
  const needed = Object.fromEntries(required.map((each) => [each, 'anything']))
  return Object.entries(properties).map(([argument, { type }]) => ({
    method: 'tools/call',
    params: { name, arguments: { ...needed, [argument]: type === 'array' ? [id] : id } },
  }))
}
