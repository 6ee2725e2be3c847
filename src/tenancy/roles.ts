import type { Role, Scope } from '../core/principal.ts'

/** From most to least. */
export const ROLES = [
  'owner',
  'admin',
  'editor',
  'member',
  'viewer',
] as const satisfies readonly Role[]

interface Action {
  readonly does: string
  /** That the action's routes ask for; a role that may do it has the scope. */
  readonly scope: Scope
  readonly roles: readonly Role[]
}

const EVERYBODY = ROLES
const MANAGERS = ['owner', 'admin'] as const
const OWNERS = ['owner'] as const

/** Who may do what: the one table that scopes, checks and docs/security/access.md follow from. */
export const ACTIONS = {
  read: {
    does: 'See files, vector stores and passages, and search them',
    scope: 'read',
    roles: EVERYBODY,
  },
  ask: {
    does: 'Ask questions and keep conversations',
    scope: 'ask',
    roles: ['owner', 'admin', 'editor', 'member'],
  },
  ingest: {
    does: 'Upload, change and delete documents, chunks, golden questions and vector stores',
    scope: 'ingest',
    roles: ['owner', 'admin', 'editor'],
  },
  manage: {
    does: 'Make and revoke API keys; whatever else a route asks the scope `admin` for',
    scope: 'admin',
    roles: MANAGERS,
  },
  managePeople: {
    does: 'Invite, rename, disable and remove editors, members and viewers, reset their passwords, end their sessions',
    scope: 'admin',
    roles: MANAGERS,
  },
  manageManagers: {
    does: 'The same for owners and admins, and give or take these roles',
    scope: 'admin',
    roles: OWNERS,
  },
  manageSignIn: {
    does: 'Say how people sign in: the OpenID provider, and whether passwords are taken',
    scope: 'admin',
    roles: OWNERS,
  },
  exportTenant: {
    does: 'Export everything of the tenant but its secrets',
    scope: 'admin',
    roles: OWNERS,
  },
} as const satisfies Readonly<Record<string, Action>>

export type ActionName = keyof typeof ACTIONS

export function roleMay(role: Role, action: ActionName): boolean {
  const allowed: readonly Role[] = ACTIONS[action].roles
  return allowed.includes(role)
}

/** What a person of this role may ask routes for. */
export function scopesOf(role: Role): readonly Scope[] {
  const scopes = Object.values(ACTIONS).filter((action) =>
    (action.roles as readonly Role[]).includes(role),
  )
  return [...new Set(scopes.map(({ scope }) => scope))]
}

/** Which action it takes to make, change or remove somebody of this role. */
export function actionOn(role: Role): ActionName {
  return role === 'owner' || role === 'admin' ? 'manageManagers' : 'managePeople'
}

/** The role that a caller acts as: a key with the scope `admin` is an admin, an operator is an owner everywhere. */
export function actingRole(caller: {
  readonly role: Role | null
  readonly scopes: readonly Scope[]
}): Role | null {
  if (caller.scopes.includes('operator')) return 'owner'
  if (caller.role !== null) return caller.role
  return caller.scopes.includes('admin') ? 'admin' : null
}

/** The one that may do more. */
export function higherRole(one: Role, other: Role): Role {
  return ROLES.indexOf(one) <= ROLES.indexOf(other) ? one : other
}
