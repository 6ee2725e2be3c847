import type { Invitation } from '../core/person.ts'
import type { Invitations } from '../core/ports/invitations.ts'
import { noteExpired } from './note-expired.ts'
import { selectPage } from './page-sql.ts'

interface Row {
  readonly id: string
  readonly email: string
  readonly role: Invitation['role']
  readonly invited_by: string | null
  readonly created_at: Date
  readonly expires_at: Date
}

const COLUMNS = 'id, email, role, invited_by, created_at, expires_at'

export function createInvitations(): Invitations {
  return {
    async insert(transaction, invitation) {
      await transaction.query('delete from invitations where tenant_id = $1 and email = $2', [
        transaction.tenantId,
        invitation.email,
      ])
      await transaction.query(
        `insert into invitations (tenant_id, id, hash, email, role, invited_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          transaction.tenantId,
          invitation.id,
          invitation.hash,
          invitation.email,
          invitation.role,
          invitation.invitedBy,
          invitation.createdAt,
          invitation.expiresAt,
        ],
      )
    },

    async list(transaction, cursor) {
      const rows = await selectPage<Row>(
        transaction,
        {
          select: `select ${COLUMNS} from invitations as entry`,
          table: 'invitations',
          id: 'id',
          within: { tenant_id: transaction.tenantId },
          only: {},
        },
        cursor,
      )
      return rows.map(toInvitation)
    },

    async delete(transaction, id) {
      const [row] = await transaction.query<Row>(
        `delete from invitations where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
        [transaction.tenantId, id],
      )
      return row === undefined ? null : toInvitation(row)
    },

    noteExpired: (transaction, limit) => noteExpired(transaction, 'invitations', limit),

    async deleteExpired(transaction, before) {
      await transaction.query('delete from invitations where tenant_id = $1 and expires_at < $2', [
        transaction.tenantId,
        before,
      ])
    },

    async accept(transaction, hash, now) {
      const [row] = await transaction.query<Row>(
        `delete from invitations where tenant_id = $1 and hash = $2 and expires_at > $3 returning ${COLUMNS}`,
        [transaction.tenantId, hash, now],
      )
      return row === undefined ? null : toInvitation(row)
    },

    async acceptByEmail(transaction, email, now) {
      const [row] = await transaction.query<Row>(
        `delete from invitations where tenant_id = $1 and email = $2 and expires_at > $3 returning ${COLUMNS}`,
        [transaction.tenantId, email, now],
      )
      return row === undefined ? null : toInvitation(row)
    },
  }
}

function toInvitation(row: Row): Invitation {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    invitedBy: row.invited_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
