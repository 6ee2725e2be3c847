import { AppError } from '../core/errors.ts'
import { createId } from '../core/id.ts'
import type { User } from '../core/person.ts'
import type { AuditLog } from '../core/ports/audit.ts'
import type { Database, Transaction } from '../core/ports/database.ts'
import type { PeopleStores } from '../core/ports/people-stores.ts'
import type { ProviderSettings } from '../core/ports/sign-in-settings.ts'
import type { Role } from '../core/principal.ts'
import { NOBODY, noteOf } from './note.ts'
import { mappedRole } from './mapped-role.ts'
import type { OpenIdClient, OpenIdFlow, VerifiedPerson } from './openid-client.ts'
import type { Seal } from './seal.ts'
import type { OpenedSession, SessionKeeper } from './session-keeper.ts'
import type { Visit } from './visit.ts'

export interface OpenIdSignIn {
  /** Where the browser goes, and what it keeps until it comes back. Throws `resource_not_found` without a provider. */
  begin(started: {
    readonly tenantId: string
    readonly redirectUri: string
    readonly returnTo: string | null
  }): Promise<{ readonly url: URL; readonly ticket: string }>
  /** Throws `unauthenticated` for an answer that this browser did not ask for. */
  finish(
    answer: URL,
    ticket: string | null,
    visit: Visit,
  ): Promise<{
    readonly tenantId: string
    readonly opened: OpenedSession
    readonly returnTo: string | null
  }>
}

/** What the browser keeps, sealed. */
interface Ticket extends OpenIdFlow {
  readonly tenantId: string
  readonly returnTo: string | null
  readonly expiresAt: number
}

export const TICKET_SECONDS = 600
const TICKET_PLACE = 'openid ticket'

export const NO_PROVIDER = 'There is no sign-in at an OpenID provider for this tenant.'
export const secretPlace = (tenantId: string) => `openid client secret of ${tenantId}`

type Deps = Pick<PeopleStores, 'invitations' | 'signInSettings' | 'users'> & {
  readonly database: Database
  readonly auditLog: AuditLog
  readonly openIdClient: OpenIdClient
  readonly seal: Seal
  readonly sessionKeeper: SessionKeeper
  readonly requireActive: (tenantId: string) => Promise<unknown>
  readonly forget: (userId: string) => void
  readonly now?: () => number
}

export function createOpenIdSignIn(deps: Deps): OpenIdSignIn {
  const { database, users, openIdClient, seal, sessionKeeper, now = Date.now } = deps

  const providerOf = async (tenantId: string): Promise<ProviderSettings> => {
    const { provider } = await database.transact(tenantId, (transaction) =>
      deps.signInSettings.get(transaction),
    )
    if (provider !== null) return provider
    throw new AppError('resource_not_found', NO_PROVIDER)
  }
  const unsealed = async (tenantId: string, provider: ProviderSettings) => {
    if (provider.clientSecret === null) return { ...provider, clientSecret: null }
    const clientSecret = await seal.open(provider.clientSecret, secretPlace(tenantId))
    if (clientSecret !== null) return { ...provider, clientSecret }
    throw new AppError(
      'provider_unavailable',
      'The client secret was sealed with a key that is gone: an owner must set it again.',
    )
  }

  return {
    async begin({ tenantId, redirectUri, returnTo }) {
      const provider = await unsealed(tenantId, await providerOf(tenantId))
      const { url, flow } = await openIdClient.begin(provider, redirectUri)
      const expiresAt = now() + TICKET_SECONDS * 1000
      const ticket: Ticket = { ...flow, tenantId, returnTo, expiresAt }
      return { url, ticket: await seal.close(JSON.stringify(ticket), TICKET_PLACE) }
    },

    async finish(answer, presented, visit) {
      const text = presented === null ? null : await seal.open(presented, TICKET_PLACE)
      const ticket = text === null ? null : (JSON.parse(text) as Ticket)
      if (ticket === null || ticket.expiresAt <= now()) {
        throw new AppError(
          'unauthenticated',
          'This sign-in was not begun in this browser, or too long ago: begin again.',
        )
      }
      const { tenantId, returnTo } = ticket
      await deps.requireActive(tenantId)
      const provider = await unsealed(tenantId, await providerOf(tenantId))
      try {
        const person = await openIdClient.finish(provider, answer, ticket)
        const opened = await database.transact(tenantId, async (transaction) => {
          const user = await admit(transaction, provider, { person, visit })
          return sessionKeeper.open(transaction, { user, method: 'oidc', visit })
        })
        deps.forget(opened.user.id)
        return { tenantId, opened, returnTo }
      } catch (error) {
        await noteRefusal(tenantId, visit, error)
        throw error
      }
    },
  }

  /** Known by the provider's name for him, else by a verified address, else new. */
  async function admit(
    transaction: Transaction,
    provider: ProviderSettings,
    { person, visit }: { readonly person: VerifiedPerson; readonly visit: Visit },
  ): Promise<User> {
    const mapped = mappedRole(provider, person.claims)
    const known = await users.findByIdentity(transaction, person)
    const sameAddress =
      known === null && person.email !== null
        ? await users.findByEmail(transaction, person.email)
        : null
    const user =
      known ?? sameAddress?.user ?? (await join(transaction, { provider, person, mapped, visit }))
    if (user.disabledAt !== null) throw notLetIn()
    await users.addIdentity(transaction, user.id, person)
    return user.roleFromProvider ? follow(transaction, user, mapped ?? provider.defaultRole) : user
  }

  async function join(
    transaction: Transaction,
    of: {
      readonly provider: ProviderSettings
      readonly person: VerifiedPerson
      readonly mapped: Role | null
      readonly visit: Visit
    },
  ): Promise<User> {
    const { provider, person, mapped, visit } = of
    if (person.email === null) {
      throw new AppError(
        'permission_denied',
        'The provider does not say that your e-mail address is verified, and nobody here is known by it.',
      )
    }
    const createdAt = new Date(now())
    const invitation = await deps.invitations.acceptByEmail(transaction, person.email, createdAt)
    const role = invitation?.role ?? mapped ?? provider.defaultRole
    if (role === null) throw notLetIn()
    const user = await users.insert(transaction, {
      id: createId('user_'),
      email: person.email,
      name: person.name ?? person.email,
      role,
      // Who was invited has his role from who invited him.
      roleFromProvider: invitation === null,
      passwordHash: null,
      createdAt,
    })
    if (user === null) throw notLetIn()
    await deps.auditLog.append(
      transaction,
      noteOf(visit, {
        action: invitation === null ? 'user.create' : 'invitation.accept',
        actor: { kind: 'user', id: user.id },
        target: invitation?.id ?? user.id,
        detail: { role, method: 'oidc' },
      }),
    )
    return user
  }

  /** The role as the provider has it now; the last owner stays one. */
  async function follow(transaction: Transaction, user: User, role: Role | null): Promise<User> {
    if (role === null) throw notLetIn()
    if (role === user.role) return user
    const owners = await users.lockOwners(transaction)
    if (owners.length === 1 && owners[0] === user.id) return user
    return (await users.update(transaction, user.id, { role })) ?? user
  }

  async function noteRefusal(tenantId: string, visit: Visit, error: unknown): Promise<void> {
    await database.transact(tenantId, (transaction) =>
      deps.auditLog.append(
        transaction,
        noteOf(visit, {
          action: 'session.refuse',
          actor: NOBODY,
          target: null,
          outcome: 'refused',
          detail: { method: 'oidc', reason: error instanceof AppError ? error.code : 'internal' },
        }),
      ),
    )
  }
}

function notLetIn(): AppError {
  return new AppError(
    'permission_denied',
    'You are known to the provider, but have no account here: ask an admin of your organisation for an invitation.',
  )
}
