import type { PeopleSettings } from '../auth/people-services.ts'
import type { Config } from './config.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

export function peopleSettings({ auth }: Config): PeopleSettings {
  return {
    publicUrl: auth.publicUrl,
    idleMs: auth.sessionIdleMinutes * MINUTE_MS,
    longestMs: auth.sessionDays * DAY_MS,
    sessionsPerAddress: auth.sessionsPerAddress,
    providersInside: auth.providersInside,
    accessTokenSeconds: auth.accessTokenMinutes * 60,
  }
}
