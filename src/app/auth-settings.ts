import { Type } from 'typebox'
import { optional, section } from './setting-kinds.ts'

export const auth = section('How callers are recognised.', {
  secret: optional(
    Type.String({
      minLength: 32,
      description:
        'What session cookies and signing secrets are made from, at least 32 characters; null makes one and keeps it in the data directory. Servers that share a database need the same one.',
      secret: true,
    }),
  ),
})
