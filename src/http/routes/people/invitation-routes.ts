import {
  invitationCreate,
  invitationCreated,
  invitationDeleted,
  invitationPage,
  invitationParams,
  invitationQuery,
} from '../../../contract/invitation.ts'
import { notFound } from '../../not-found.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { managerOf } from '../../visit-of.ts'
import { wireInvitation } from './wire-person.ts'

const TAGS = ['People']
const PAGE = 20
const DEFAULT_DAYS = 7

export function invitationRoutes(app: Routes, { database, people: services }: RouteDeps): void {
  const { people, stores } = services

  app.post(
    '/api/invitations',
    {
      schema: {
        tags: TAGS,
        summary: 'Invite a person',
        description:
          'In place of an earlier invitation to the same address. It is accepted by setting a password, or by signing in at the OpenID provider with that address.',
        body: invitationCreate,
        response: { 200: invitationCreated },
      },
      config: { scope: 'admin', failures: [409] },
    },
    async (request) => {
      const { email, role = 'member', expires_in_days: expiresInDays = DEFAULT_DAYS } = request.body
      const made = await people.invite(managerOf(request), { email, role, expiresInDays })
      return { ...wireInvitation(made.invitation), secret: made.secret }
    },
  )

  app.get(
    '/api/invitations',
    {
      schema: {
        tags: TAGS,
        summary: 'List invitations that were not accepted',
        querystring: invitationQuery,
        response: { 200: invitationPage },
      },
      config: { scope: 'admin' },
    },
    async ({ principal, query }) => {
      const cursor = cursorOf(query, PAGE)
      const rows = await database.transact(principal.tenantId, (transaction) =>
        stores.invitations.list(transaction, cursor),
      )
      return pageOfRows(rows, cursor.limit, wireInvitation)
    },
  )

  app.delete(
    '/api/invitations/:invitation_id',
    {
      schema: {
        tags: TAGS,
        summary: 'Withdraw an invitation',
        params: invitationParams,
        response: { 200: invitationDeleted },
      },
      config: { scope: 'admin' },
    },
    async (request) => {
      const id = request.params.invitation_id
      if (!(await people.withdraw(managerOf(request), id))) throw notFound('invitation', id)
      return { id, object: 'invitation.deleted' as const, deleted: true as const }
    },
  )
}
