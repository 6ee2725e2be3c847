import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import {
  userBudgetDeleted,
  userBudgetList,
  userBudgetParams,
  userBudgetSet,
  userBudget,
} from '../../../contract/budget.ts'
import type { BudgetLimits } from '../../../core/budget.ts'
import type { AuditEntry } from '../../../core/ports/audit.ts'
import type { Transaction } from '../../../core/ports/database.ts'
import { EVERYBODY } from '../../../tenancy/user-budget-directory.ts'
import { actorOf } from '../../actor-of.ts'
import { askedBy } from '../../asked-by.ts'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'

const BUDGETS = '/api/budgets/users'

export function userBudgetRoutes(app: Routes, deps: RouteDeps): void {
  const { database, userBudgets, userBudgetDirectory } = deps

  app.get(
    BUDGETS,
    {
      schema: {
        tags: ['Usage'],
        summary: 'List the budgets of people',
        response: { 200: userBudgetList },
      },
      config: { scope: 'admin' },
    },
    async ({ principal }) => {
      const limits = await database.transact(
        principal.tenantId,
        (transaction) => userBudgets.list(transaction),
        { oneStatement: true },
      )
      return {
        object: 'list' as const,
        data: [...limits].map(([userId, each]) => wire(userId, each)),
      }
    },
  )

  app.put(
    `${BUDGETS}/:user_id`,
    {
      schema: {
        tags: ['Usage'],
        summary: 'Set the budget of a person',
        description: 'In place of the one before. Every server goes by it within five seconds.',
        params: userBudgetParams,
        body: userBudgetSet,
        response: { 200: userBudget },
      },
      config: { scope: 'admin' },
    },
    async (request) => {
      const { principal, params, body } = request
      const limits = readLimits(body)
      await database.transact(principal.tenantId, async (transaction) => {
        await insistOnPerson(transaction, params.user_id)
        await userBudgets.set(transaction, params.user_id, limits)
        await audit(transaction, request, {
          action: 'budget.set',
          target: params.user_id,
          detail: body,
        })
      })
      userBudgetDirectory.forget(principal.tenantId)
      return wire(params.user_id, limits)
    },
  )

  app.delete(
    `${BUDGETS}/:user_id`,
    {
      schema: {
        tags: ['Usage'],
        summary: 'Lift the budget of a person',
        params: userBudgetParams,
        response: { 200: userBudgetDeleted },
      },
      config: { scope: 'admin', failures: [404] },
    },
    async (request) => {
      const { principal, params } = request
      await database.transact(principal.tenantId, async (transaction) => {
        const removed = await userBudgets.remove(transaction, params.user_id)
        if (!removed) throw notFound('user budget', params.user_id, 'user_id')
        await audit(transaction, request, {
          action: 'budget.remove',
          target: params.user_id,
          detail: {},
        })
      })
      userBudgetDirectory.forget(principal.tenantId)
      return {
        object: 'user_budget.deleted' as const,
        user_id: params.user_id,
        deleted: true as const,
      }
    },
  )

  /** Throws `resource_not_found` for whom the tenant does not know. */
  async function insistOnPerson(transaction: Transaction, userId: string): Promise<void> {
    if (userId === EVERYBODY) return
    const person = await deps.people.stores.users.get(transaction, userId)
    if (person === null) throw notFound('user', userId, 'user_id')
  }

  async function audit(
    transaction: Transaction,
    request: Pick<FastifyRequest, 'budgets' | 'id' | 'ip' | 'limits' | 'principal'>,
    what: Pick<AuditEntry, 'action' | 'detail' | 'target'>,
  ): Promise<void> {
    const { requestId, address } = askedBy(request as FastifyRequest).caller
    await deps.auditLog.append(transaction, {
      actor: actorOf(request.principal),
      outcome: 'done',
      requestId,
      address,
      ...what,
    })
  }
}

function readLimits(body: Static<typeof userBudgetSet>): BudgetLimits {
  return {
    tokensPerDay: body.tokens_per_day ?? null,
    tokensPerMonth: body.tokens_per_month ?? null,
    costPerDay: body.cost_per_day ?? null,
    costPerMonth: body.cost_per_month ?? null,
  }
}

function wire(userId: string, limits: BudgetLimits) {
  return {
    object: 'user_budget' as const,
    user_id: userId,
    tokens_per_day: limits.tokensPerDay ?? null,
    tokens_per_month: limits.tokensPerMonth ?? null,
    cost_per_day: limits.costPerDay ?? null,
    cost_per_month: limits.costPerMonth ?? null,
  }
}
