import { csrfTokenOf } from '../../../auth/csrf.ts'
import type { WireUser } from '../../../contract/user.ts'
import type { Invitation, PersonSession, User } from '../../../core/person.ts'
import { unixSeconds } from '../../unix-seconds.ts'

export function wireUser(user: User): WireUser {
  return {
    object: 'user',
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    status: user.disabledAt === null ? 'active' : 'disabled',
    has_password: user.hasPassword,
    role_from_provider: user.roleFromProvider,
    created_at: unixSeconds(user.createdAt),
    last_sign_in_at: user.lastSignInAt === null ? null : unixSeconds(user.lastSignInAt),
  }
}

export function wireSession(session: PersonSession, currentId: string | null) {
  return {
    object: 'session' as const,
    id: session.id,
    method: session.method,
    current: session.id === currentId,
    address: session.address,
    user_agent: session.userAgent,
    created_at: unixSeconds(session.createdAt),
    last_used_at: unixSeconds(session.seenAt),
    expires_at: unixSeconds(session.expiresAt),
  }
}

/** For the browser whose session it is. */
export function wireOpenSession(
  tenantId: string,
  opened: { readonly session: PersonSession; readonly user: User; readonly secret: string },
) {
  return {
    ...wireSession(opened.session, opened.session.id),
    tenant_id: tenantId,
    csrf_token: csrfTokenOf(opened.secret),
    user: wireUser(opened.user),
  }
}

export function wireInvitation(invitation: Invitation) {
  return {
    object: 'invitation' as const,
    id: invitation.id,
    email: invitation.email,
    role: invitation.role,
    invited_by: invitation.invitedBy,
    created_at: unixSeconds(invitation.createdAt),
    expires_at: unixSeconds(invitation.expiresAt),
  }
}
