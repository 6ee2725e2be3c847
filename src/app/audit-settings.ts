import { Type } from 'typebox'
import { choice, optional, section, text, whole } from './setting-kinds.ts'

export const audit = section(
  'Where entries of the audit log go beside the database: who did what, when, from where.',
  {
    sink: choice(['none', 'file', 'stdout', 'syslog', 'http'], {
      description:
        '`file` and `stdout` get one JSON object a line, `syslog` RFC 5424, `http` batches of JSON lines. Each entry at least once, with its place in the chain.',
      default: 'none',
    }),
    file: optional(
      text({
        path: true,
        description:
          'Of the sink `file`. It is opened for each batch, so it may be moved away at any time.',
      }),
    ),
    url: optional(
      Type.String({
        pattern: '^(https?|tcp|udp)://',
        description:
          'Of the sink `http`: where batches are posted to. Of the sink `syslog`: `udp://host:port` or `tcp://host:port`.',
        secret: 'url',
      }),
    ),
    token: optional(
      text({ description: 'Sent to the sink `http` as a bearer token.', secret: true }),
    ),
    batchSize: whole({
      maximum: 1000,
      description: 'Entries that are handed to the sink at once.',
      default: 200,
    }),
    timeoutSeconds: whole({
      maximum: 600,
      description: 'For one batch to the sink `http`, or to `syslog` over TCP.',
      default: 30,
    }),
  },
)
