import {
  inputItem,
  inputItemQuery,
  responseDeleted,
  responseObject,
  responseParams,
  responseQuery,
  type InputItem,
  type ResponseObject,
} from '../../../contract/response.ts'
import { pageOf } from '../../../contract/page.ts'
import type { ResponseRecord } from '../../../core/ports/answers.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import { invalidValue, unsupported } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { cancelResponse, settleResponse } from './background.ts'
import { readInclude } from './read-request.ts'
import { visibleResponse } from './visible-response.ts'

const TAGS = ['Responses']
const ONE = '/v1/responses/:response_id'

export function storedResponseRoutes(app: Routes, deps: RouteDeps): void {
  const { database, answers } = deps
  const find = async (tenantId: string, id: string): Promise<ResponseRecord> => {
    const record = await database.transact(tenantId, (transaction) =>
      answers.getResponse(transaction, id),
    )
    if (record === null) throw notFound('response', id)
    return record
  }

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a response',
        params: responseParams,
        querystring: responseQuery,
        response: { 200: responseObject },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params, query }) => {
      if (query.stream === true) {
        throw unsupported(
          'stream',
          'A stored response is not streamed again: leave it out, and retrieve one that runs in the background until it has ended.',
        )
      }
      const include = [query.include ?? query['include[]'] ?? []].flat()
      const { response } = await find(principal.tenantId, params.response_id)
      const settled = await settleResponse(deps, principal.tenantId, response as ResponseObject)
      return visibleResponse(settled, readInclude(include, 'include'))
    },
  )

  app.delete(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Delete a response',
        params: responseParams,
        response: { 200: responseDeleted },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params }) => {
      const deleted = await database.transact(principal.tenantId, (transaction) =>
        answers.deleteResponse(transaction, params.response_id),
      )
      if (!deleted) throw notFound('response', params.response_id)
      return { id: params.response_id, object: 'response' as const, deleted: true }
    },
  )

  app.post(
    `${ONE}/cancel`,
    {
      schema: {
        tags: TAGS,
        summary: 'Cancel a response',
        description:
          'Of those that run in the background. One that has ended is given back as it is.',
        params: responseParams,
        response: { 200: responseObject },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params }) => {
      const { tenantId } = principal
      const record = await find(tenantId, params.response_id)
      const response = await settleResponse(deps, tenantId, record.response as ResponseObject)
      if (response.background) {
        return visibleResponse(await cancelResponse(deps, tenantId, response), false)
      }
      throw invalidValue(
        'response_id',
        'Only a response that runs in the background can be cancelled: close the connection of one that streams.',
      )
    },
  )

  app.get(
    `${ONE}/input_items`,
    {
      schema: {
        tags: TAGS,
        summary: 'List the input items of a response',
        params: responseParams,
        querystring: inputItemQuery,
        response: { 200: pageOf(inputItem) },
      },
      config: { scope: 'ask' },
    },
    async ({ principal, params, query }) => {
      const { after, limit, order } = cursorOf(query, 20)
      const { input } = await find(principal.tenantId, params.response_id)
      // Stored by storeResponse, in the order they were said.
      const items = input as readonly InputItem[]
      const ordered = order === 'asc' ? items : items.toReversed()
      // Behind the cursor's item, or from the first where there is none.
      const rows = ordered.slice(ordered.findIndex(({ id }) => id === after) + 1)
      return pageOfRows(rows, limit, (item) => item)
    },
  )
}
