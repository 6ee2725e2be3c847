import type { PersonSession } from '../core/person.ts'
import type { PersonSessions } from '../core/ports/person-sessions.ts'
import { toUser, USER_COLUMNS, type UserRow } from './user-row.ts'

interface Row {
  readonly session_id: string
  readonly user_id: string
  readonly method: PersonSession['method']
  readonly address: string | null
  readonly user_agent: string | null
  readonly began_at: Date
  readonly seen_at: Date
  readonly expires_at: Date
}

const COLUMNS = `s.id as session_id, s.user_id, s.method, s.address, s.user_agent,
  s.created_at as began_at, s.seen_at, s.expires_at`

export function createPersonSessions(): PersonSessions {
  return {
    async insert(transaction, session) {
      await transaction.query(
        `insert into user_sessions
           (tenant_id, id, user_id, hash, method, address, user_agent, created_at, seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          transaction.tenantId,
          session.id,
          session.userId,
          session.hash,
          session.method,
          session.address,
          session.userAgent,
          session.createdAt,
          session.seenAt,
          session.expiresAt,
        ],
      )
    },

    async find(transaction, hash, { now, idleSince }) {
      const [row] = await transaction.query<Row & UserRow>(
        `select ${COLUMNS}, ${USER_COLUMNS}
         from user_sessions as s join users as u on u.tenant_id = s.tenant_id and u.id = s.user_id
         where s.tenant_id = $1 and s.hash = $2 and s.expires_at > $3 and s.seen_at > $4
           and u.disabled_at is null`,
        [transaction.tenantId, hash, now, idleSince],
      )
      return row === undefined ? null : { session: toSession(row), user: toUser(row) }
    },

    async touch(transaction, id, seenAt) {
      await transaction.query(
        'update user_sessions set seen_at = greatest(seen_at, $3) where tenant_id = $1 and id = $2',
        [transaction.tenantId, id, seenAt],
      )
    },

    async list(transaction, userId, { now, idleSince }) {
      const rows = await transaction.query<Row>(
        `select ${COLUMNS} from user_sessions as s
         where s.tenant_id = $1 and s.user_id = $2 and s.expires_at > $3 and s.seen_at > $4
         order by s.created_at desc, s.id desc`,
        [transaction.tenantId, userId, now, idleSince],
      )
      return rows.map(toSession)
    },

    async countAtAddress(transaction, address, { now, idleSince }) {
      await transaction.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `sessions ${transaction.tenantId} ${address}`,
      ])
      const [row] = await transaction.query<{ sessions: number }>(
        `select count(*)::integer as sessions from user_sessions
         where tenant_id = $1 and address = $2 and expires_at > $3 and seen_at > $4`,
        [transaction.tenantId, address, now, idleSince],
      )
      return row?.sessions ?? 0
    },

    async delete(transaction, { id, userId }) {
      const rows = await transaction.query(
        'delete from user_sessions where tenant_id = $1 and id = $2 and user_id = $3 returning id',
        [transaction.tenantId, id, userId],
      )
      return rows.length > 0
    },

    async deleteAll(transaction, userId, except) {
      const rows = await transaction.query(
        `delete from user_sessions
         where tenant_id = $1 and user_id = $2 and id is distinct from $3 returning id`,
        [transaction.tenantId, userId, except],
      )
      return rows.length
    },

    async deleteEnded(transaction, { now, idleSince }) {
      await transaction.query(
        'delete from user_sessions where tenant_id = $1 and (expires_at <= $2 or seen_at <= $3)',
        [transaction.tenantId, now, idleSince],
      )
    },
  }
}

function toSession(row: Row): PersonSession {
  return {
    id: row.session_id,
    userId: row.user_id,
    method: row.method,
    address: row.address,
    userAgent: row.user_agent,
    createdAt: row.began_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
  }
}
