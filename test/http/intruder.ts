import type { FastifyInstance } from 'fastify'

/** As much of an OpenAPI document as says where an id may stand. */
export interface Operation {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly isPublic: boolean
  /** Of the body, where it is JSON. */
  readonly example: unknown
  readonly slots: readonly Slot[]
}

/** A place for an id: a parameter, or a member of the body by its way from the root (`[]` is the first of a list). */
export interface Slot {
  readonly in: 'body' | 'path' | 'query'
  readonly name: string
  readonly way: readonly string[]
}

interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly security?: readonly object[]
}
interface Media {
  readonly schema?: Schema
  readonly example?: unknown
}
interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** Names of what refers to something that is there already, beside all that end in `_id` or `_ids`. */
const REFERENCES = ['after', 'before', 'conversation', 'id', 'model']
const isReference = (name: string) => /_ids?$/.test(name) || REFERENCES.includes(name)

export async function readOperations(app: FastifyInstance): Promise<readonly Operation[]> {
  const document = (await app.inject('/openapi.json')).json<Document>()
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => {
      const media = described.requestBody?.content['application/json']
      const parameters = (described.parameters ?? [])
        .filter(
          ({ in: place, name }) => place === 'path' || (place === 'query' && isReference(name)),
        )
        .map(({ in: place, name }): Slot => ({
          in: place === 'path' ? 'path' : 'query',
          name,
          way: [],
        }))
      return {
        name: `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        isPublic: described.security?.length === 0,
        example: media?.example,
        slots: [...parameters, ...bodySlots(document, media?.schema, [])],
      }
    }),
  )
}

const DEEPEST = 5

function bodySlots(
  document: Document,
  schema: Schema | undefined,
  way: readonly string[],
): readonly Slot[] {
  if (schema === undefined || way.length > DEEPEST) return []
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return bodySlots(document, document.components.schemas[name], way)
  }
  const { anyOf = [], properties = {}, items } = schema
  const inside = [
    ...anyOf.map((branch) => bodySlots(document, branch, way)),
    ...Object.entries(properties).map(([key, member]) =>
      bodySlots(document, member, [...way, key]),
    ),
    ...(items === undefined ? [] : [bodySlots(document, items, [...way, '[]'])]),
  ].flat()
  const all = [...(isLeaf(schema) ? leafSlot(way) : []), ...inside]
  return [...new Map(all.map((slot) => [slot.way.join('/'), slot])).values()]
}

const isLeaf = ({ anyOf, properties, items }: Schema) =>
  anyOf === undefined && properties === undefined && items === undefined

function leafSlot(way: readonly string[]): readonly Slot[] {
  const name = way.findLast((part) => part !== '[]')
  return name !== undefined && isReference(name) ? [{ in: 'body', name, way }] : []
}

/** The body with the id at that place, whatever was there before. */
export function placed(body: unknown, way: readonly string[], id: string): unknown {
  const [step, ...rest] = way
  if (step === undefined) return id
  if (step === '[]') {
    const list = Array.isArray(body) ? (body as readonly unknown[]) : []
    return [placed(list[0], rest, id), ...list.slice(1)]
  }
  const members = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}
  return { ...members, [step]: placed(Reflect.get(members, step), rest, id) }
}

/** What somebody has, by the word for it: the last part of its `object`, or of the name that refers to it. */
export type Belongings = ReadonlyMap<string, ReadonlySet<string>>

export function gather(into: Map<string, Set<string>>, answer: unknown): void {
  if (Array.isArray(answer)) for (const item of answer) gather(into, item)
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return
  const note = (word: string, id: unknown) => {
    if (typeof id !== 'string' || !ID.test(id)) return
    into.set(word, (into.get(word) ?? new Set()).add(id))
  }
  const { object, type } = answer as { readonly object?: unknown; readonly type?: unknown }
  const kinds = [object, type].filter((kind) => typeof kind === 'string')
  for (const [key, value] of Object.entries(answer)) {
    if (key === 'id') for (const kind of kinds) note(kind.split('.').at(-1) ?? kind, value)
    if (key.endsWith('_id')) note(key.slice(0, -3), value)
    gather(into, value)
  }
}

/** Chunks have numbers. */
const ID = /^([a-z]+[-_][0-9a-f]{20,}|\d{12})$/

/** Words of the interface for what has another word where it is made. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  answer: ['response'],
  batch: ['files_batch'],
  conversation: ['conversation'],
  item: ['message'],
  key: ['api_key'],
  model: ['vector_store'],
  previous_response: ['response'],
}

/** Every id of the kinds that a place of this name may take; all there are for a cursor. */
export function idsFor(name: string, belongings: Belongings): readonly string[] {
  const noun = name.replace(/_ids?$/, '')
  if (['after', 'before', 'id'].includes(name))
    return [...belongings.values()].flatMap((ids) => [...ids])
  return [noun, ...(ALIASES[noun] ?? [])].flatMap((word) => [...(belongings.get(word) ?? [])])
}

/** An id of the same shape that nobody has. */
export function ghostOf(id: string): string {
  if (/^\d+$/.test(id)) return `9${id.slice(1)}`
  return id.replace(/[0-9a-f]{20}$/, (digits) =>
    Array.from(digits, (digit) => ((Number.parseInt(digit, 16) + 5) % 16).toString(16)).join(''),
  )
}
