import { AppError } from '../core/errors.ts'
import { createId } from '../core/id.ts'
import type { PersonSession, SignInMethod, User } from '../core/person.ts'
import type { AuditLog } from '../core/ports/audit.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { PeopleStores } from '../core/ports/people-stores.ts'
import type { Standing } from '../core/ports/person-sessions.ts'
import { addressGroup } from './address-group.ts'
import { createSecret, readSecret } from './carried-secret.ts'
import { noteOf } from './note.ts'
import type { Visit } from './visit.ts'
import { createWarmLookup } from './warm-lookup.ts'

export interface SessionSettings {
  readonly idleMs: number
  readonly longestMs: number
  /** Of one tenant; null is without limit. */
  readonly sessionsPerAddress: number | null
}

/** What a person goes on with: the secrets are shown to his browser, and kept by nobody else. */
export interface OpenedSession {
  readonly session: PersonSession
  readonly user: User
  readonly secret: string
  /** Of a device that has none yet. */
  readonly device: string | null
}

export interface KnownSession {
  readonly tenantId: string
  readonly session: PersonSession
  readonly user: User
}

export interface SessionKeeper {
  /** Within the transaction that found out who it is. Throws `limit_reached` past the sessions of an address. */
  open(
    transaction: Transaction,
    opened: { readonly user: User; readonly method: SignInMethod; readonly visit: Visit },
  ): Promise<OpenedSession>
  /** Null for a session that is over, or never was. Without a round trip while warm. */
  find(secret: string): Promise<KnownSession | null>
  list(transaction: Transaction, userId: string): Promise<readonly PersonSession[]>
  /** Ends one; false where the person has no such session. */
  end(transaction: Transaction, session: Pick<PersonSession, 'id' | 'userId'>): Promise<boolean>
  /** Ends all but `except`, and voids the person's access tokens; gives the number of sessions. */
  endAll(transaction: Transaction, userId: string, except?: string | null): Promise<number>
  /** Once the transaction is done, so that this process notices at once. */
  forget(userId: string): void
}

/** How long a session that was ended on another replica may still work here. */
const WARM_MS = 5_000
const WARM_SESSIONS = 10_000
/** How exactly it is known when a session was last used, in exchange for writes saved. */
const TOUCH_EVERY_MS = 60_000
const FAMILIAR_PLACES = 20

type Deps = Pick<PeopleStores, 'familiarPlaces' | 'personSessions' | 'users'> & {
  readonly database: Database
  readonly auditLog: AuditLog
  readonly settings: SessionSettings
  readonly now?: () => number
}

export function createSessionKeeper(deps: Deps): SessionKeeper {
  const { database, personSessions, users, settings, now = Date.now } = deps
  const standing = (): Standing => ({
    now: new Date(now()),
    idleSince: new Date(now() - settings.idleMs),
  })
  const lookup = createWarmLookup<KnownSession>({
    warmMs: WARM_MS,
    most: WARM_SESSIONS,
    now,
    find: async (secret) => {
      const presented = readSecret('session', secret)
      if (presented === null) return null
      const { tenantId, hash } = presented
      const found = await database.transact(tenantId, async (transaction) => {
        const known = await personSessions.find(transaction, hash, standing())
        if (known !== null && known.session.seenAt.getTime() < now() - TOUCH_EVERY_MS) {
          await personSessions.touch(transaction, known.session.id, new Date(now()))
        }
        return known
      })
      return found === null ? null : { tenantId, ...found }
    },
  })

  return {
    async open(transaction, { user, method, visit }) {
      const { now: createdAt, idleSince } = standing()
      const address = visit.address === null ? null : addressGroup(visit.address)
      await personSessions.deleteEnded(transaction, { now: createdAt, idleSince })
      await insistOnRoom(transaction, address)
      const { secret, hash } = createSecret('session', transaction.tenantId)
      const session: PersonSession = {
        id: createId('ses_'),
        userId: user.id,
        method,
        address,
        userAgent: visit.userAgent?.slice(0, 300) ?? null,
        createdAt,
        seenAt: createdAt,
        expiresAt: new Date(createdAt.getTime() + settings.longestMs),
      }
      await personSessions.insert(transaction, { ...session, hash })
      const device = await rememberPlace(deps, transaction, { user, visit, at: createdAt })
      await users.update(transaction, user.id, { lastSignInAt: createdAt })
      await deps.auditLog.append(
        transaction,
        noteOf(visit, {
          action: 'session.create',
          actor: { kind: 'user', id: user.id },
          target: session.id,
          detail: { method },
        }),
      )
      return { session, user: { ...user, lastSignInAt: createdAt }, secret, device }
    },

    async find(secret) {
      const known = await lookup.find(secret)
      return known === null || known.session.expiresAt.getTime() <= now() ? null : known
    },
    list: (transaction, userId) => personSessions.list(transaction, userId, standing()),
    end: (transaction, session) => personSessions.delete(transaction, session),
    async endAll(transaction, userId, except = null) {
      await users.update(transaction, userId, { tokensValidFrom: new Date(now()) })
      return personSessions.deleteAll(transaction, userId, except)
    },
    forget: (userId) => lookup.forgetWhere(({ user }) => user.id === userId),
  }

  async function insistOnRoom(transaction: Transaction, address: string | null): Promise<void> {
    const most = settings.sessionsPerAddress
    if (most === null || address === null) return
    if ((await personSessions.countAtAddress(transaction, address, standing())) < most) return
    throw new AppError(
      'limit_reached',
      `There are ${most} sessions from this address already: sign out of one, or wait until one ends.`,
    )
  }
}

/** From here on, what others fail at elsewhere does not delay this person here. */
async function rememberPlace(
  { familiarPlaces }: Pick<Deps, 'familiarPlaces'>,
  transaction: Transaction,
  { user, visit, at }: { readonly user: User; readonly visit: Visit; readonly at: Date },
): Promise<string | null> {
  const known = visit.device === null ? null : readSecret('device', visit.device)
  const made =
    known?.tenantId === transaction.tenantId ? null : createSecret('device', transaction.tenantId)
  const device = made?.hash ?? known?.hash
  const places = [
    ...(device === undefined ? [] : [device]),
    ...(visit.address === null ? [] : [placeOf(visit.address)]),
  ]
  await familiarPlaces.remember(transaction, {
    userId: user.id,
    places,
    now: at,
    most: FAMILIAR_PLACES,
  })
  return made?.secret ?? null
}

/** An address as it is remembered: of IPv6 the network. */
export function placeOf(address: string): Buffer {
  return Buffer.from(`address ${addressGroup(address)}`)
}
