import { AppError } from '../core/errors.ts'
import { createId } from '../core/id.ts'
import type { AuditLog } from '../core/ports/audit.ts'
import type { Database } from '../core/ports/database.ts'
import type { PeopleStores } from '../core/ports/people-stores.ts'
import { readSecret } from './carried-secret.ts'
import { noteOf } from './note.ts'
import type { PasswordHashes } from './password-hash.ts'
import type { InsistOnGoodPassword } from './password-rules.ts'
import type { PasswordSignIn } from './password-sign-in.ts'
import type { OpenedSession, SessionKeeper } from './session-keeper.ts'
import type { Visit } from './visit.ts'

/** What people do with their own account. Each opens a session, and ends the others where a password was changed. */
export interface Account {
  /** Throws `unauthenticated` for a secret that does not stand. */
  acceptInvitation(
    accepted: { secret: string; name: string; password: string },
    visit: Visit,
  ): Promise<OpenedSession>
  useReset(reset: { secret: string; password: string }, visit: Visit): Promise<OpenedSession>
  /** Throws like signing in where the present password is wrong. */
  changePassword(
    change: { tenantId: string; email: string; current: string; next: string },
    visit: Visit,
  ): Promise<OpenedSession>
}

type Deps = Pick<PeopleStores, 'invitations' | 'passwordResets' | 'signInSettings' | 'users'> & {
  readonly database: Database
  readonly auditLog: AuditLog
  readonly passwordHashes: PasswordHashes
  readonly insistOnGoodPassword: InsistOnGoodPassword
  readonly passwordSignIn: PasswordSignIn
  readonly sessionKeeper: SessionKeeper
  readonly forget: (userId: string) => void
  readonly now?: () => number
}

export function createAccount(deps: Deps): Account {
  const { database, users, passwordHashes, sessionKeeper, insistOnGoodPassword } = deps
  const now = () => new Date((deps.now ?? Date.now)())

  return {
    async acceptInvitation({ secret, name, password }, visit) {
      const presented = readSecret('invitation', secret)
      if (presented === null) throw notStanding('invitation')
      // Before the invitation is looked for, so that it costs as much where there is none.
      const passwordHash = await passwordHashes.hash(password)
      return database.transact(presented.tenantId, async (transaction) => {
        const invitation = await deps.invitations.accept(transaction, presented.hash, now())
        if (invitation === null) throw notStanding('invitation')
        const { passwordAllowed } = await deps.signInSettings.get(transaction)
        if (!passwordAllowed) throw passwordsOff()
        insistOnGoodPassword(password, { email: invitation.email, name })
        const user = await users.insert(transaction, {
          id: createId('user_'),
          email: invitation.email,
          name,
          role: invitation.role,
          roleFromProvider: false,
          passwordHash,
          createdAt: now(),
        })
        if (user === null) throw notStanding('invitation')
        await deps.auditLog.append(
          transaction,
          noteOf(visit, {
            action: 'invitation.accept',
            actor: { kind: 'user', id: user.id },
            target: invitation.id,
            detail: { role: user.role },
          }),
        )
        return sessionKeeper.open(transaction, { user, method: 'invitation', visit })
      })
    },

    async useReset({ secret, password }, visit) {
      const presented = readSecret('reset', secret)
      if (presented === null) throw notStanding('reset link')
      const passwordHash = await passwordHashes.hash(password)
      const opened = await database.transact(presented.tenantId, async (transaction) => {
        const userId = await deps.passwordResets.use(transaction, presented.hash, now())
        const user = userId === null ? null : await users.get(transaction, userId)
        if (user === null || user.disabledAt !== null) throw notStanding('reset link')
        const { passwordAllowed } = await deps.signInSettings.get(transaction)
        if (!passwordAllowed) throw passwordsOff()
        insistOnGoodPassword(password, user)
        await users.update(transaction, user.id, { passwordHash })
        await sessionKeeper.endAll(transaction, user.id)
        await deps.auditLog.append(
          transaction,
          noteOf(visit, {
            action: 'password.reset',
            actor: { kind: 'user', id: user.id },
            target: user.id,
          }),
        )
        return sessionKeeper.open(transaction, { user, method: 'reset', visit })
      })
      deps.forget(opened.user.id)
      return opened
    },

    async changePassword({ tenantId, email, current, next }, visit) {
      const passwordHash = await passwordHashes.hash(next)
      const attempt = { tenantId, email, password: current, visit }
      const opened = await deps.passwordSignIn(attempt, async (transaction, user) => {
        insistOnGoodPassword(next, user, 'new_password')
        await users.update(transaction, user.id, { passwordHash })
        await sessionKeeper.endAll(transaction, user.id)
        await deps.auditLog.append(
          transaction,
          noteOf(visit, {
            action: 'password.change',
            actor: { kind: 'user', id: user.id },
            target: user.id,
          }),
        )
        return sessionKeeper.open(transaction, { user, method: 'password', visit })
      })
      deps.forget(opened.user.id)
      return opened
    },
  }
}

function notStanding(what: string): AppError {
  return new AppError(
    'unauthenticated',
    `This ${what} does not stand, or no longer: ask an admin of your organisation for another.`,
  )
}

function passwordsOff(): AppError {
  return new AppError(
    'permission_denied',
    'Your organisation signs in at its own provider, not with a password: use /auth/oidc.',
  )
}
