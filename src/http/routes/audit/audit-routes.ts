import {
  auditChain,
  auditChainQuery,
  auditList,
  auditQuery,
  auditVerification,
  auditVerificationQuery,
  type AuditQuery,
} from '../../../contract/audit.ts'
import { auditLine } from '../../../core/audit-line.ts'
import { AppError } from '../../../core/errors.ts'
import { SERVER_LOG, type AuditFilter } from '../../../core/ports/audit.ts'
import type { Principal } from '../../../core/principal.ts'
import { mayDo } from '../../authorization.ts'
import { cursorOf, pageOfRows } from '../../paging.ts'
import { invalidValue } from '../../request-error.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'

const TAGS = ['Audit']

export function auditRoutes(app: Routes, { audit, database }: RouteDeps): void {
  app.get(
    '/api/audit',
    {
      schema: {
        tags: TAGS,
        summary: 'Who did what',
        description: 'When, from where, by which request and with what outcome; newest first.',
        querystring: auditQuery,
        response: { 200: auditList },
      },
      config: { scope: 'admin', audit: 'audit.read' },
    },
    async ({ principal, query, audited }) => {
      const log = logOf(principal, query.log)
      // Once for all pages: else reading it to its end would never come to one.
      if (query.after !== undefined || query.before !== undefined) audited.quiet = true
      const cursor = cursorOf(query, 100)
      const filter = filterOf(query)
      await audit.notes.flush()
      const records = await database.transact(log, (transaction) =>
        audit.records.list(transaction, cursor, filter),
      )
      return pageOfRows(records, cursor.limit, auditLine)
    },
  )

  app.get(
    '/api/audit/chain',
    {
      schema: {
        tags: TAGS,
        summary: 'The audit log, to be kept elsewhere',
        description:
          'In the order of its chain, with every hash: whoever has all of it can check it by himself.',
        querystring: auditChainQuery,
        response: { 200: auditChain },
      },
      config: { scope: 'admin', audit: 'audit.export' },
    },
    async ({ principal, query, audited }) => {
      const log = logOf(principal, query.log)
      const { after = 0, limit = 1000 } = query
      audited.detail['after'] = after
      const { before, links, head } = await audit.chain(log, after, limit)
      return {
        object: 'audit.chain' as const,
        tenant_id: log,
        before,
        data: links.map(({ position, hash, id, entry }) => ({
          object: 'audit.link' as const,
          position,
          hash,
          id,
          entry: entry === null ? null : auditLine({ ...entry, seal: { position, hash } }),
        })),
        has_more: (links.at(-1)?.position ?? head.position) < head.position,
        head: { ...head },
      }
    },
  )

  app.get(
    '/api/audit/verification',
    {
      schema: {
        tags: TAGS,
        summary: 'Is the audit log whole?',
        description:
          'Walks along the whole chain: names what was altered, removed or put in since it was sealed.',
        querystring: auditVerificationQuery,
        response: { 200: auditVerification },
      },
      config: { scope: 'admin', audit: 'audit.verify' },
    },
    async ({ principal, query }) => {
      const log = logOf(principal, query.log)
      const report = await audit.verify(log, query.expect ?? null)
      return {
        object: 'audit.verification' as const,
        ok: report.problems.length === 0,
        sealed: report.sealed,
        waiting: report.waiting,
        head: { ...report.head },
        problems: report.problems.map((problem) => ({ ...problem })),
      }
    },
  )
}

function logOf(principal: Principal, log: 'server' | 'tenant' | undefined): string {
  if (log !== 'server') return principal.tenantId
  if (mayDo(principal, 'operator')) return SERVER_LOG
  throw new AppError('permission_denied', "The server's own log needs the scope 'operator'.")
}

function filterOf(query: AuditQuery): AuditFilter {
  return {
    action: query.action ?? null,
    actorId: query.actor ?? null,
    target: query.target ?? null,
    outcome: query.outcome ?? null,
    requestId: query.request_id ?? null,
    address: query.address ?? null,
    since: momentOf(query.since, 'since'),
    until: momentOf(query.until, 'until'),
  }
}

function momentOf(text: string | undefined, param: string): Date | null {
  if (text === undefined) return null
  const moment = new Date(text)
  if (!Number.isNaN(moment.getTime())) return moment
  throw invalidValue(param, `'${param}' is no day or time that there is.`)
}
