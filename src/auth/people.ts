import { AppError } from '../core/errors.ts'
import { createId } from '../core/id.ts'
import type { Invitation, User } from '../core/person.ts'
import type { AuditActor, AuditLog } from '../core/ports/audit.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { PeopleStores } from '../core/ports/people-stores.ts'
import type { UserChange } from '../core/ports/users.ts'
import type { Role, Scope } from '../core/principal.ts'
import { actingRole, actionOn, roleMay } from '../tenancy/roles.ts'
import { createSecret } from './carried-secret.ts'
import { noteOf } from './note.ts'
import type { PasswordHashes } from './password-hash.ts'
import type { InsistOnGoodPassword } from './password-rules.ts'
import type { SessionKeeper } from './session-keeper.ts'
import type { Visit } from './visit.ts'

/** Who manages people, and where. */
export interface Manager {
  readonly tenantId: string
  readonly userId: string | null
  readonly role: Role | null
  readonly scopes: readonly Scope[]
  readonly actor: AuditActor
  readonly visit: Pick<Visit, 'address' | 'requestId'>
}

export interface PersonChange {
  readonly name?: string
  readonly role?: Role
  readonly disabled?: boolean
}

/** What managers do with people. All of it throws `permission_denied` for those who may not, and is audited. */
export interface People {
  /** Throws `conflict` where there is somebody with this address. */
  create(
    manager: Manager,
    person: { email: string; name: string; role: Role; password: string },
  ): Promise<User>
  /** Null where there is nobody with this id. Throws `conflict` for the last owner. */
  change(manager: Manager, userId: string, change: PersonChange): Promise<User | null>
  remove(manager: Manager, userId: string): Promise<boolean>
  /** The secret, which is shown once; a person has one at a time. */
  resetPassword(
    manager: Manager,
    userId: string,
  ): Promise<{ readonly secret: string; readonly expiresAt: Date } | null>
  endSessions(manager: Manager, userId: string): Promise<number | null>
  invite(
    manager: Manager,
    invited: { email: string; role: Role; expiresInDays: number },
  ): Promise<{ readonly invitation: Invitation; readonly secret: string }>
  withdraw(manager: Manager, invitationId: string): Promise<boolean>
}

const DAY_MS = 86_400_000
const RESET_STANDS_MS = DAY_MS

type Deps = Pick<PeopleStores, 'invitations' | 'passwordResets' | 'users'> & {
  readonly database: Database
  readonly auditLog: AuditLog
  readonly passwordHashes: PasswordHashes
  readonly insistOnGoodPassword: InsistOnGoodPassword
  readonly sessionKeeper: SessionKeeper
  /** So that this process notices at once what was changed. */
  readonly forget: (userId: string) => void
  readonly now?: () => number
}

export function createPeople(deps: Deps): People {
  const { database, users, invitations, passwordResets, sessionKeeper, now = Date.now } = deps

  const note = (
    transaction: Transaction,
    { actor, visit }: Manager,
    entry: { action: string; target: string; detail?: Record<string, unknown> },
  ) => deps.auditLog.append(transaction, noteOf(visit, { actor, ...entry }))

  /** Runs `work` on somebody whom the manager may manage. */
  const onPerson = <Result>(
    manager: Manager,
    userId: string,
    work: (transaction: Transaction, user: User) => Promise<Result>,
  ) =>
    database.transact(manager.tenantId, async (transaction) => {
      const owners = await users.lockOwners(transaction)
      const user = await users.get(transaction, userId)
      if (user === null) return null
      insistMayManage(manager, user.role)
      const result = await work(transaction, user)
      await insistOnOwner(transaction, owners)
      return result
    })

  /** Where there were owners before, there is one after. */
  const insistOnOwner = async (transaction: Transaction, before: readonly string[]) => {
    if (before.length === 0 || (await users.lockOwners(transaction)).length > 0) return
    throw new AppError('conflict', 'This is the last owner: make somebody else an owner first.')
  }

  return {
    async create(manager, { password, ...person }) {
      insistMayManage(manager, person.role)
      const email = person.email.trim().toLowerCase()
      deps.insistOnGoodPassword(password, { ...person, email })
      const passwordHash = await deps.passwordHashes.hash(password)
      return database.transact(manager.tenantId, async (transaction) => {
        const user = await users.insert(transaction, {
          id: createId('user_'),
          email,
          name: person.name,
          role: person.role,
          roleFromProvider: false,
          passwordHash,
          createdAt: new Date(now()),
        })
        if (user === null) throw taken(email)
        const detail = { role: user.role }
        await note(transaction, manager, { action: 'user.create', target: user.id, detail })
        return user
      })
    },

    async change(manager, userId, { name, role, disabled }) {
      const changed = await onPerson(manager, userId, async (transaction, user) => {
        if (role !== undefined && role !== user.role) insistMayManage(manager, role)
        const change: UserChange = {
          ...(name === undefined ? {} : { name }),
          // What a manager decides is not for the provider to change back.
          ...(role === undefined ? {} : { role, roleFromProvider: false }),
          ...(disabled === undefined ? {} : { disabledAt: disabled ? new Date(now()) : null }),
        }
        if (disabled === true) await sessionKeeper.endAll(transaction, userId)
        const after = await users.update(transaction, userId, change)
        const detail = {
          ...(role === undefined ? {} : { role_before: user.role, role }),
          ...(disabled === undefined ? {} : { disabled }),
          ...(name === undefined ? {} : { renamed: true }),
        }
        await note(transaction, manager, { action: 'user.update', target: userId, detail })
        return after
      })
      deps.forget(userId)
      return changed
    },

    async remove(manager, userId) {
      const removed = await onPerson(manager, userId, async (transaction, { role }) => {
        await users.delete(transaction, userId)
        await note(transaction, manager, {
          action: 'user.delete',
          target: userId,
          detail: { role },
        })
        return true
      })
      deps.forget(userId)
      return removed ?? false
    },

    resetPassword: (manager, userId) =>
      onPerson(manager, userId, async (transaction) => {
        const { secret, hash } = createSecret('reset', manager.tenantId)
        const expiresAt = new Date(now() + RESET_STANDS_MS)
        await passwordResets.insert(transaction, { userId, hash, expiresAt })
        await note(transaction, manager, { action: 'password_reset.create', target: userId })
        return { secret, expiresAt }
      }),

    async endSessions(manager, userId) {
      const ended = await onPerson(manager, userId, async (transaction) => {
        const sessions = await sessionKeeper.endAll(transaction, userId)
        await note(transaction, manager, {
          action: 'session.delete',
          target: userId,
          detail: { sessions },
        })
        return sessions
      })
      deps.forget(userId)
      return ended
    },

    invite: (manager, { email: address, role, expiresInDays }) => {
      insistMayManage(manager, role)
      const email = address.trim().toLowerCase()
      return database.transact(manager.tenantId, async (transaction) => {
        if ((await users.findByEmail(transaction, email)) !== null) throw taken(email)
        const { secret, hash } = createSecret('invitation', manager.tenantId)
        const createdAt = new Date(now())
        const invitation: Invitation = {
          id: createId('inv_'),
          email,
          role,
          invitedBy: manager.userId,
          createdAt,
          expiresAt: new Date(createdAt.getTime() + expiresInDays * DAY_MS),
        }
        await invitations.insert(transaction, { ...invitation, hash })
        const { id } = invitation
        await note(transaction, manager, {
          action: 'invitation.create',
          target: id,
          detail: { role },
        })
        return { invitation, secret }
      })
    },

    withdraw: (manager, invitationId) =>
      database.transact(manager.tenantId, async (transaction) => {
        const invitation = await invitations.delete(transaction, invitationId)
        if (invitation === null) return false
        insistMayManage(manager, invitation.role)
        await note(transaction, manager, { action: 'invitation.delete', target: invitationId })
        return true
      }),
  }
}

function insistMayManage(manager: Manager, role: Role): void {
  const acting = actingRole(manager)
  if (acting !== null && roleMay(acting, actionOn(role))) return
  const needed = actionOn(role) === 'manageManagers' ? 'an owner' : 'an owner or an admin'
  throw new AppError('permission_denied', `Only ${needed} may manage a person of role '${role}'.`)
}

function taken(email: string): AppError {
  return new AppError('conflict', `There is already somebody with the address ${email}.`, {
    param: 'email',
  })
}
