import type { Invitations, PasswordResets } from './invitations.ts'
import type { FamiliarPlaces, PasswordAttempts } from './password-attempts.ts'
import type { PersonSessions } from './person-sessions.ts'
import type { SignInSettingsStore } from './sign-in-settings.ts'
import type { Users } from './users.ts'

/** All that is kept of people. */
export interface PeopleStores {
  readonly users: Users
  readonly personSessions: PersonSessions
  readonly passwordAttempts: PasswordAttempts
  readonly familiarPlaces: FamiliarPlaces
  readonly invitations: Invitations
  readonly passwordResets: PasswordResets
  readonly signInSettings: SignInSettingsStore
}
