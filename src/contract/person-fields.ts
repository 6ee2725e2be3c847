import { Type } from 'typebox'

export const email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: '^[^\\s@]+@[^\\s@]+$',
  description: 'An e-mail address; capitals and small letters are the same.',
})
export const personName = Type.String({ minLength: 1, maxLength: 200, description: 'For people.' })
export const newPassword = Type.String({
  minLength: 1,
  maxLength: 1024,
  description:
    'At least 12 characters, not among those that are tried first, without the name and the address.',
})
export const password = Type.String({ minLength: 1, maxLength: 1024 })
export const tenantId = Type.String({
  minLength: 1,
  maxLength: 100,
  description: "The tenant's id; the first one of the server where it is left out.",
})
export const carriedSecret = (what: string) =>
  Type.String({ minLength: 1, maxLength: 200, description: `From ${what}; it works once.` })
