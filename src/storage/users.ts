import type { Transaction } from '../core/ports/database.ts'
import type { UserChange, Users } from '../core/ports/users.ts'
import { selectPage } from './page-sql.ts'
import { toUser, USER_COLUMNS, type UserRow } from './user-row.ts'

/** Of each change, the column it is kept in. */
const CHANGED: Readonly<Record<keyof UserChange, string>> = {
  name: 'name',
  role: 'role',
  roleFromProvider: 'role_from_provider',
  passwordHash: 'password_hash',
  disabledAt: 'disabled_at',
  tokensValidFrom: 'tokens_valid_from',
  lastSignInAt: 'last_sign_in_at',
}

export function createUsers(): Users {
  return {
    async insert(transaction, user) {
      const [row] = await transaction.query<UserRow>(
        `insert into users as u
           (tenant_id, id, email, name, role, role_from_provider, password_hash, tokens_valid_from, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
         on conflict (tenant_id, email) do nothing returning ${USER_COLUMNS}`,
        [
          transaction.tenantId,
          user.id,
          user.email,
          user.name,
          user.role,
          user.roleFromProvider,
          user.passwordHash,
          user.createdAt,
        ],
      )
      return row === undefined ? null : toUser(row)
    },

    get: (transaction, id) => oneUser(transaction, 'u.id = $2', [id]),

    async findByEmail(transaction, email) {
      const [row] = await transaction.query<UserRow & { password_hash: string | null }>(
        `select ${USER_COLUMNS}, password_hash from users as u where u.tenant_id = $1 and u.email = $2`,
        [transaction.tenantId, email],
      )
      return row === undefined ? null : { user: toUser(row), passwordHash: row.password_hash }
    },

    findByIdentity: (transaction, { issuer, subject }) =>
      oneUser(
        transaction,
        `u.id = (select user_id from user_identities as i
           where i.tenant_id = $1 and i.issuer = $2 and i.subject = $3)`,
        [issuer, subject],
      ),

    async addIdentity(transaction, userId, { issuer, subject }) {
      await transaction.query(
        `insert into user_identities (tenant_id, issuer, subject, user_id, created_at)
         values ($1, $2, $3, $4, now()) on conflict do nothing`,
        [transaction.tenantId, issuer, subject, userId],
      )
    },

    async list(transaction, cursor) {
      const rows = await selectPage<UserRow>(
        transaction,
        {
          select: `select ${USER_COLUMNS.replaceAll('u.', 'entry.')} from users as entry`,
          table: 'users',
          id: 'id',
          within: { tenant_id: transaction.tenantId },
          only: {},
        },
        cursor,
      )
      return rows.map(toUser)
    },

    async update(transaction, id, change) {
      const values: unknown[] = [transaction.tenantId, id]
      const set = Object.entries(CHANGED).flatMap(([member, column]) => {
        const value: unknown = change[member as keyof UserChange]
        return value === undefined ? [] : [`${column} = $${values.push(value)}`]
      })
      if (set.length === 0) return oneUser(transaction, 'u.id = $2', [id])
      const [row] = await transaction.query<UserRow>(
        `update users as u set ${set.join(', ')} where u.tenant_id = $1 and u.id = $2 returning ${USER_COLUMNS}`,
        values,
      )
      return row === undefined ? null : toUser(row)
    },

    async delete(transaction, id) {
      const rows = await transaction.query(
        'delete from users where tenant_id = $1 and id = $2 returning id',
        [transaction.tenantId, id],
      )
      return rows.length > 0
    },

    async lockOwners(transaction) {
      // In one order, so that two that lock the same people wait for each other instead of for ever.
      const rows = await transaction.query<{ id: string }>(
        `select id from users where tenant_id = $1 and role = 'owner' and disabled_at is null
         order by id for update`,
        [transaction.tenantId],
      )
      return rows.map(({ id }) => id)
    },

    async passwordHash(transaction, id) {
      const [row] = await transaction.query<{ password_hash: string | null }>(
        'select password_hash from users where tenant_id = $1 and id = $2',
        [transaction.tenantId, id],
      )
      return row?.password_hash ?? null
    },
  }
}

async function oneUser(transaction: Transaction, condition: string, values: readonly string[]) {
  const [row] = await transaction.query<UserRow>(
    `select ${USER_COLUMNS} from users as u where u.tenant_id = $1 and ${condition}`,
    [transaction.tenantId, ...values],
  )
  return row === undefined ? null : toUser(row)
}
