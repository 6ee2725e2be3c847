import { Type } from 'typebox'

export const role = Type.Enum(['owner', 'admin', 'editor', 'member', 'viewer'], {
  description: 'What a person may do; docs/security/access.md has the table.',
})
