import { AppError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { Principal, Scope } from '../core/principal.ts'

/** What a key is to have. */
export interface Rights {
  readonly scopes: readonly Scope[]
  readonly vectorStoreIds: readonly string[] | null
  /** Its own. */
  readonly limits: Partial<Limits>
}

/** Rights that go beyond one's tenant, and would undo a limit to certain stores. */
const WHOLE_TENANT: readonly Scope[] = ['admin', 'operator']

/** Throws unless whoever gives these rights has them all: `held` are the limits that hold for him. */
export function requireMayGive(giver: Principal, rights: Rights, held: Limits): void {
  const { scopes, vectorStoreIds, limits } = rights
  if (vectorStoreIds !== null && scopes.some((scope) => WHOLE_TENANT.includes(scope))) {
    throw new AppError(
      'input_rejected',
      'A key for certain vector stores cannot have the scope `admin` or `operator`.',
      { param: 'scopes' },
    )
  }
  const isOperator = giver.scopes.includes('operator')
  const missing = scopes.find((scope) => !hasScope(giver, scope))
  if (missing !== undefined) {
    throw refused(`Only who has the scope \`${missing}\` can give it.`, 'scopes')
  }
  if (!isWithin(vectorStoreIds, giver.vectorStoreIds)) {
    throw refused('Only who may touch a vector store can give it.', 'vector_store_ids')
  }
  if (isOperator) return
  for (const [name, limit] of Object.entries(limits) as [keyof Limits, number | null][]) {
    const most = held[name]
    if (most === null || (limit !== null && limit <= most)) continue
    const spelled = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    throw refused(`At most ${most} can be given: that is your own limit.`, `limits.${spelled}`)
  }
}

function hasScope({ scopes }: Principal, scope: Scope): boolean {
  return scopes.includes(scope) || (scope !== 'operator' && scopes.includes('admin'))
}

function isWithin(asked: Rights['vectorStoreIds'], own: Principal['vectorStoreIds']): boolean {
  return own === null || (asked?.every((id) => own.includes(id)) ?? false)
}

function refused(message: string, param: string): AppError {
  return new AppError('permission_denied', message, { param })
}
