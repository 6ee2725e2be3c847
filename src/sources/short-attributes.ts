import type { Attributes } from '../core/filter.ts'

const LONGEST = 512

/** Without the texts that are too long for an attribute. */
export const shortAttributes = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).filter(
      ([, value]) => typeof value !== 'string' || value.length <= LONGEST,
    ),
  )
