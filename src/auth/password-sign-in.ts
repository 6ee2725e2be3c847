import { createHash } from 'node:crypto'
import { AppError } from '../core/errors.ts'
import type { User } from '../core/person.ts'
import type { AuditLog } from '../core/ports/audit.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { AttemptSubject } from '../core/ports/password-attempts.ts'
import type { PeopleStores } from '../core/ports/people-stores.ts'
import type { TenantDirectory } from '../tenancy/tenant-directory.ts'
import { addressGroup } from './address-group.ts'
import { readSecret } from './carried-secret.ts'
import { NOBODY, noteOf } from './note.ts'
import type { PasswordHashes } from './password-hash.ts'
import { placeOf } from './session-keeper.ts'
import type { Visit } from './visit.ts'

export interface PasswordAttempt {
  readonly tenantId: string
  readonly email: string
  readonly password: string
  readonly visit: Visit
}

/**
 * Says who it is, and in the same transaction does what `welcome` does with him. Throws `unauthenticated`, in the same
 * words and after the same work whatever was wrong, and `rate_limited` where it failed too often.
 */
export type PasswordSignIn = <Result>(
  attempt: PasswordAttempt,
  welcome: (transaction: Transaction, user: User) => Promise<Result>,
) => Promise<Result>

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** A device or an address that was not used for so long is as good as new. */
const FAMILIAR_MS = 90 * DAY_MS

/** Of one account, from one place: everybody mistypes. */
const AT_PLACE = { free: 5, delayMs: 1_000, maxDelayMs: 15 * MINUTE_MS }
/** Of one address at all accounts: it may be a whole campus. */
const AT_ADDRESS = { free: 100, delayMs: 1_000, maxDelayMs: 15 * MINUTE_MS }
/** Of one account from all places where it was never signed in to; short, because the owner may be travelling. */
const AT_ACCOUNT = { free: 100, delayMs: 1_000, maxDelayMs: 30_000 }

type Deps = Pick<
  PeopleStores,
  'familiarPlaces' | 'passwordAttempts' | 'signInSettings' | 'users'
> & {
  readonly database: Database
  readonly auditLog: AuditLog
  readonly passwordHashes: PasswordHashes
  readonly tenantDirectory: TenantDirectory
  readonly now?: () => number
}

export function createPasswordSignIn(deps: Deps): PasswordSignIn {
  const { database, users, passwordHashes, now = Date.now } = deps

  return async ({ tenantId, email, password, visit }, welcome) => {
    const account = email.trim().toLowerCase()
    if (!(await exists(deps.tenantDirectory, tenantId))) {
      await passwordHashes.verify(password, null)
      throw wrong()
    }
    const { found, subjects } = await database.transact(tenantId, async (transaction) => {
      const known = await users.findByEmail(transaction, account)
      const counted = await subjectsOf(transaction, { account, user: known?.user, visit })
      for (const attempt of counted) {
        const wait = await deps.passwordAttempts.take(transaction, attempt, new Date(now()))
        if (wait !== null) throw mustWait(wait)
      }
      const { passwordAllowed } = await deps.signInSettings.get(transaction)
      return { found: passwordAllowed ? known : null, subjects: counted }
    })
    const right = await passwordHashes.verify(password, found?.passwordHash ?? null)
    if (found === null || !right || found.user.disabledAt !== null) {
      await refuse({ tenantId, visit, target: found?.user.id ?? null })
      throw wrong()
    }
    await deps.tenantDirectory.requireActive(tenantId)
    const stale =
      found.passwordHash !== null && passwordHashes.isStale(found.passwordHash)
        ? { passwordHash: await passwordHashes.hash(password) }
        : {}
    return database.transact(tenantId, async (transaction) => {
      const [here, ...shared] = subjects
      if (here !== undefined) await deps.passwordAttempts.forget(transaction, here.subject)
      for (const { subject } of shared) await deps.passwordAttempts.giveBack(transaction, subject)
      // As it is now: it may have been disabled, or have got another password, while this one was being verified.
      const user = await users.update(transaction, found.user.id, stale)
      const hash = await users.passwordHash(transaction, found.user.id)
      if (user === null || user.disabledAt !== null) throw wrong()
      if (!('passwordHash' in stale) && hash !== found.passwordHash) throw wrong()
      return welcome(transaction, user)
    })
  }

  /** Most particular first: that one is forgotten on success. */
  async function subjectsOf(
    transaction: Transaction,
    who: { readonly account: string; readonly user: User | undefined; readonly visit: Visit },
  ): Promise<readonly AttemptSubject[]> {
    const { account, user, visit } = who
    const device = visit.device === null ? null : (readSecret('device', visit.device)?.hash ?? null)
    const address = visit.address === null ? null : addressGroup(visit.address)
    const since = new Date(now() - FAMILIAR_MS)
    const isFamiliar = (place: Buffer | null) =>
      // Asked for people who do not exist as well: it must take as long.
      deps.familiarPlaces.isFamiliar(transaction, { userId: user?.id ?? 'nobody', place, since })
    const knownDevice = await isFamiliar(device)
    const knownAddress = await isFamiliar(visit.address === null ? null : placeOf(visit.address))
    if (knownDevice && device !== null) {
      return [subject(`device ${account} ${device.toString('hex')}`, AT_PLACE)]
    }
    const here = subject(`place ${account} ${address ?? 'socket'}`, AT_PLACE)
    if (knownAddress) return [here]
    return [
      here,
      subject(`account ${account}`, AT_ACCOUNT),
      ...(address === null ? [] : [subject(`address ${address}`, AT_ADDRESS)]),
    ]
  }

  async function refuse(of: {
    readonly tenantId: string
    readonly visit: Visit
    readonly target: string | null
  }): Promise<void> {
    await database.transact(of.tenantId, async (transaction) => {
      // Whoever fails pays for what is kept of failures.
      await deps.passwordAttempts.deleteBefore(transaction, new Date(now() - DAY_MS))
      await deps.auditLog.append(
        transaction,
        noteOf(of.visit, {
          action: 'session.refuse',
          actor: NOBODY,
          target: of.target,
          outcome: 'refused',
          detail: { method: 'password' },
        }),
      )
    })
  }
}

function subject(name: string, patience: Omit<AttemptSubject, 'subject'>): AttemptSubject {
  return { ...patience, subject: createHash('sha256').update(name).digest() }
}

/** That a tenant is suspended is for those to know who belong to it. */
async function exists(tenantDirectory: TenantDirectory, tenantId: string): Promise<boolean> {
  try {
    await tenantDirectory.requireActive(tenantId)
    return true
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'unauthenticated') return false
    if (error.code === 'tenant_suspended') return true
    throw error
  }
}

function wrong(): AppError {
  return new AppError(
    'unauthenticated',
    'The e-mail address or the password is not right, or the account may not sign in this way.',
  )
}

function mustWait(milliseconds: number): AppError {
  const seconds = Math.ceil(milliseconds / 1_000)
  return new AppError(
    'rate_limited',
    `Signing in failed too often: wait ${seconds} s before the next try.`,
    { retryAfterMs: milliseconds },
  )
}
