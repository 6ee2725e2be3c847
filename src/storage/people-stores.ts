import type { PeopleStores } from '../core/ports/people-stores.ts'
import { createFamiliarPlaces } from './familiar-places.ts'
import { createInvitations } from './invitations.ts'
import { createPasswordAttempts } from './password-attempts.ts'
import { createPasswordResets } from './password-resets.ts'
import { createPersonSessions } from './person-sessions.ts'
import { createSignInSettings } from './sign-in-settings.ts'
import { createUsers } from './users.ts'

/** All that is kept of people. */
export function createPeopleStores(): PeopleStores {
  return {
    users: createUsers(),
    personSessions: createPersonSessions(),
    passwordAttempts: createPasswordAttempts(),
    familiarPlaces: createFamiliarPlaces(),
    invitations: createInvitations(),
    passwordResets: createPasswordResets(),
    signInSettings: createSignInSettings(),
  }
}
