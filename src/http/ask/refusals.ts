import { isDeepStrictEqual } from 'node:util'
import { unsupported } from '../request-error.ts'

/** A parameter of OpenAI's that cannot be honoured here. */
export interface Refusal {
  /** Values that ask for what happens anyway; null and absence always do. */
  readonly unless: readonly unknown[]
  readonly because: string
}

/** Why there are no probabilities: markers are checked, moved and removed on the way. */
export const NO_TOKENS = "what is checked and cited is no longer a list of one model's tokens."

/** Throws for the first parameter that asks for something else than what happens here. */
export function refuseUnsupported(
  body: Readonly<Record<string, unknown>>,
  refusals: Readonly<Record<string, Refusal>>,
): void {
  for (const [param, { unless, because }] of Object.entries(refusals)) {
    const value = body[param] ?? null
    if (value !== null && !unless.some((neutral) => isDeepStrictEqual(neutral, value))) {
      throw unsupported(param, `'${param}' is not supported: ${because}`)
    }
  }
}
