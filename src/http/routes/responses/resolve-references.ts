import type { ResponseRequest } from '../../../contract/response-request.ts'
import type { OutputItem, ResponseObject } from '../../../contract/response.ts'
import type { HttpDeps } from '../../http-deps.ts'
import { notFound } from '../../not-found.ts'
import { invalidValue } from '../../request-error.ts'
import { responseIdOf } from './output-item-id.ts'

type Item = Readonly<Record<string, unknown>>

/**
 * The input with what it refers to in the places of the references: clients that know a response to be kept send back
 * the ids of what it gave out. Throws `resource_not_found` for what no kept response has.
 */
export async function resolveReferences(
  deps: Pick<HttpDeps, 'answers' | 'database'>,
  tenantId: string,
  input: ResponseRequest['input'],
): Promise<ResponseRequest['input']> {
  if (typeof input === 'string' || !input.some(isReference)) return input
  const ids = input.map((item, index) => (isReference(item) ? readId(item, index) : null))
  const outputs = await outputsOf(deps, tenantId, ids)
  return input.map((item, index) => {
    const id = ids[index] ?? null
    if (id === null) return item
    const found = outputs.get(id)
    if (found === undefined) throw notFound('item', id, `input[${index}].id`)
    return { ...found }
  })
}

/** The type may be left out where nothing but the id is there. */
function isReference(item: Item): boolean {
  const { type, ...rest } = item
  if (type === 'item_reference') return true
  return (type ?? null) === null && Object.keys(rest).join() === 'id'
}

function readId({ id }: Item, index: number): string {
  if (typeof id === 'string' && id !== '') return id
  throw invalidValue(`input[${index}].id`, `'input[${index}].id' must be the id of an item.`)
}

async function outputsOf(
  { answers, database }: Pick<HttpDeps, 'answers' | 'database'>,
  tenantId: string,
  itemIds: readonly (string | null)[],
): Promise<ReadonlyMap<string, OutputItem>> {
  const responseIds = new Set(
    itemIds.flatMap((id) => (id === null ? [] : (responseIdOf(id) ?? []))),
  )
  const items = new Map<string, OutputItem>()
  await database.transact(tenantId, async (transaction) => {
    for (const id of responseIds) {
      const record = await answers.getResponse(transaction, id)
      // Stored by the routes of responses, so of this shape.
      const { output = [] } = (record?.response ?? {}) as Partial<ResponseObject>
      for (const item of output) items.set(item.id, item)
    }
  })
  return items
}
