import {
  inputItem,
  inputItemQuery,
  responseDeleted,
  responseObject,
  responseParams,
  responseQuery,
  type InputItem,
} from '../../../contract/response.ts'
import { pageOf } from '../../../contract/page.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageFrom, pageOfRows } from '../../paging.ts'
import { invalidValue, unsupported } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { cancelResponse, settleResponse } from './background.ts'
import { findResponse } from './find-response.ts'
import { readInclude } from './read-request.ts'
import type { RunningResponses } from './running-responses.ts'
import { streamKept } from './stream-kept.ts'
import { visibleResponse } from './visible-response.ts'

const TAGS = ['Responses']
const ONE = '/v1/responses/:response_id'

const NOT_STREAMED =
  "Only a response that was created with 'background' and 'stream' can be streamed again: leave it out."

export function storedResponseRoutes(
  app: Routes,
  deps: RouteDeps,
  running: RunningResponses,
): void {
  const { database, answers } = deps
  const find = (tenantId: string, id: string) => findResponse(deps, tenantId, id)

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a response',
        description:
          'With `stream: true`, the events of a response that was created with `background` and `stream`, from the first or behind `starting_after`, as they come.',
        params: responseParams,
        querystring: responseQuery,
        response: { 200: responseObject },
      },
      config: { scope: 'ask', streams: true },
    },
    async (request, reply) => {
      const { principal, params, query } = request
      const { tenantId } = principal
      const includeResults = readInclude(
        [query.include ?? query['include[]'] ?? []].flat(),
        'include',
      )
      const { response } = await find(tenantId, params.response_id)
      if (query.stream === true) {
        if (response.journal === undefined) throw unsupported('stream', NOT_STREAMED)
        const after = query.starting_after ?? -1
        const followed = { tenantId, id: response.id, after, includeResults }
        return streamKept({ ...deps, running }, followed, { request, reply })
      }
      if (query.starting_after !== undefined) {
        throw invalidValue('starting_after', "'starting_after' is only for 'stream: true'.")
      }
      return visibleResponse(await settleResponse(deps, tenantId, response), includeResults)
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
      const response = await settleResponse(deps, tenantId, record.response)
      if (response.background) {
        return visibleResponse(
          await cancelResponse({ ...deps, running }, tenantId, response),
          false,
        )
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
      const cursor = cursorOf(query, 20)
      const { input } = await find(principal.tenantId, params.response_id)
      // Stored by storeResponse, in the order they were said.
      const rows = pageFrom(input as readonly InputItem[], cursor)
      return pageOfRows(rows, cursor.limit, (item) => item)
    },
  )
}
