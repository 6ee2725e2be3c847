import {
  passwordReset,
  sessionsEnded,
  user,
  userCreate,
  userDeleted,
  userPage,
  userParams,
  userQuery,
  userUpdate,
} from '../../../contract/user.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { unixSeconds } from '../../unix-seconds.ts'
import { managerOf } from '../../visit-of.ts'
import { wireUser } from './wire-person.ts'

const TAGS = ['People']
const ONE = '/api/users/:user_id'
const PAGE = 20

export function userRoutes(app: Routes, { database, people: services }: RouteDeps): void {
  const { people, stores } = services

  app.get(
    '/api/users',
    {
      schema: {
        tags: TAGS,
        summary: 'List people',
        querystring: userQuery,
        response: { 200: userPage },
      },
      config: { scope: 'admin' },
    },
    async ({ principal, query }) => {
      const cursor = cursorOf(query, PAGE)
      const rows = await database.transact(principal.tenantId, (transaction) =>
        stores.users.list(transaction, cursor),
      )
      return pageOfRows(rows, cursor.limit, wireUser)
    },
  )

  app.post(
    '/api/users',
    {
      schema: {
        tags: TAGS,
        summary: 'Create a person with a password',
        description:
          'For whoever runs the server, such as `ragstone admin create`. Everybody else invites: then nobody but the person knows the password.',
        body: userCreate,
        response: { 200: user },
      },
      config: { scope: 'operator', failures: [409] },
    },
    async (request) => {
      const { role = 'member', ...person } = request.body
      return wireUser(await people.create(managerOf(request), { ...person, role }))
    },
  )

  app.get(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve a person',
        params: userParams,
        response: { 200: user },
      },
      config: { scope: 'admin' },
    },
    async ({ principal, params }) => {
      const found = await database.transact(principal.tenantId, (transaction) =>
        stores.users.get(transaction, params.user_id),
      )
      if (found === null) throw notFound('user', params.user_id)
      return wireUser(found)
    },
  )

  app.post(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Change the name, role or status of a person',
        description: 'The last owner stays one.',
        params: userParams,
        body: userUpdate,
        response: { 200: user },
      },
      config: { scope: 'admin', failures: [409] },
    },
    async (request) => {
      const { status, ...change } = request.body
      const disabled = status === undefined ? {} : { disabled: status === 'disabled' }
      const changed = await people.change(managerOf(request), request.params.user_id, {
        ...change,
        ...disabled,
      })
      if (changed === null) throw notFound('user', request.params.user_id)
      return wireUser(changed)
    },
  )

  app.delete(
    ONE,
    {
      schema: {
        tags: TAGS,
        summary: 'Remove a person',
        description: 'With sessions, access tokens and identities. The last owner stays.',
        params: userParams,
        response: { 200: userDeleted },
      },
      config: { scope: 'admin', failures: [409] },
    },
    async (request) => {
      const id = request.params.user_id
      if (!(await people.remove(managerOf(request), id))) throw notFound('user', id)
      return { id, object: 'user.deleted' as const, deleted: true as const }
    },
  )

  app.post(
    `${ONE}/password-reset`,
    {
      schema: {
        tags: TAGS,
        summary: 'Let a person set a new password',
        description: 'The present password goes on working until it is used.',
        params: userParams,
        response: { 200: passwordReset },
      },
      config: { scope: 'admin' },
    },
    async (request) => {
      const id = request.params.user_id
      const reset = await people.resetPassword(managerOf(request), id)
      if (reset === null) throw notFound('user', id)
      return {
        object: 'password_reset' as const,
        user_id: id,
        secret: reset.secret,
        expires_at: unixSeconds(reset.expiresAt),
      }
    },
  )

  app.delete(
    `${ONE}/sessions`,
    {
      schema: {
        tags: TAGS,
        summary: 'End all sessions of a person',
        description: 'And all access tokens.',
        params: userParams,
        response: { 200: sessionsEnded },
      },
      config: { scope: 'admin' },
    },
    async (request) => {
      const id = request.params.user_id
      const deleted = await people.endSessions(managerOf(request), id)
      if (deleted === null) throw notFound('user', id)
      return { object: 'sessions.deleted' as const, deleted }
    },
  )
}
