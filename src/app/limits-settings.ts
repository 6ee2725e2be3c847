import { Type } from 'typebox'
import { optional, section, text, whole } from './setting-kinds.ts'

const perMinute = (what: string) =>
  optional(whole({ minimum: 0, description: `${what} in any minute; null is without limit.` }))

const requestsAndQuestions = (whose: string) => ({
  requestsPerMinute: perMinute(`Requests of ${whose}`),
  questionsPerMinute: perMinute(`Questions of ${whose}`),
})

export const limits = section(
  'How often callers may call, besides what their tenant may (`tenancy`). docs/limits.md explains it.',
  {
    address: section('Of one address; of IPv6, of its first 64 bits.', {
      ...requestsAndQuestions('an address, whoever makes them'),
      strangerRequestsPerMinute: whole({
        minimum: 0,
        description:
          'Requests of an address in any minute that come without valid credentials; health and metrics aside.',
        default: 300,
      }),
    }),
    key: section('Of one API key that has no limits of its own.', requestsAndQuestions('a key')),
    user: section('Of one person, over all sessions.', requestsAndQuestions('a person')),
    session: section('Of one session of a person.', requestsAndQuestions('a session')),
    penalty: section('What who goes over a limit again and again has to wait besides.', {
      baseSeconds: Type.Number({
        minimum: 0.001,
        maximum: 3600,
        description: 'The wait after the second time in a row; each further time about doubles it.',
        default: 1,
      }),
      halfLifeSeconds: whole({
        maximum: 86_400,
        description: 'How long until half of it is forgiven.',
        default: 300,
      }),
      longestSeconds: whole({
        minimum: 0,
        maximum: 86_400,
        description: 'No wait is longer; 0 is without penalties.',
        default: 900,
      }),
    }),
  },
)

export const valkey = section('What several servers share for moments: counters of limits.', {
  url: optional(
    Type.String({
      pattern: '^(redis|valkey)s?://',
      description:
        'A Valkey server: `redis://`, or `rediss://` with TLS. Null counts in each process by itself.',
      secret: 'url',
    }),
  ),
  prefix: text({ description: 'Before the name of every key there.', default: 'ragstone:' }),
})
