import type { User } from '../core/person.ts'

export interface UserRow {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: User['role']
  readonly role_from_provider: boolean
  readonly has_password: boolean
  readonly tokens_valid_from: Date
  readonly disabled_at: Date | null
  readonly created_at: Date
  readonly last_sign_in_at: Date | null
}

/** Of `users as u`; the password's hash is not among them. */
export const USER_COLUMNS = `u.id, u.email, u.name, u.role, u.role_from_provider,
  u.password_hash is not null as has_password, u.tokens_valid_from, u.disabled_at, u.created_at, u.last_sign_in_at`

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    roleFromProvider: row.role_from_provider,
    hasPassword: row.has_password,
    tokensValidFrom: row.tokens_valid_from,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at,
  }
}
