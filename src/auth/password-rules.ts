import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import { AppError } from '../core/errors.ts'

const SHORTEST_PASSWORD = 12
const LONGEST_PASSWORD = 256
/** Of five: fewer than 10^8 guesses are too few, even where each costs Argon2. */
const LEAST_SCORE = 3
/** A name of one or two letters is in many good passwords. */
const SHORTEST_NAME = 4

/** Throws `input_rejected`, saying what to change. No rule on kinds of characters: they make passwords alike. */
export type InsistOnGoodPassword = (
  password: string,
  person: { readonly email: string; readonly name: string },
  param?: string,
) => void

export function createPasswordRules(): InsistOnGoodPassword {
  const estimator = new ZxcvbnFactory({
    dictionary: common.dictionary,
    graphs: common.adjacencyGraphs,
  })
  return (password, { email, name }, param = 'password') => {
    const refuse = (sentence: string) => new AppError('input_rejected', sentence, { param })
    const length = Array.from(password).length
    if (length < SHORTEST_PASSWORD) {
      throw refuse(
        `A password must have at least ${SHORTEST_PASSWORD} characters; a few words are easiest.`,
      )
    }
    if (length > LONGEST_PASSWORD) {
      throw refuse(`A password must have at most ${LONGEST_PASSWORD} characters.`)
    }
    const known = [email, ...`${email} ${name}`.split(/[^\p{L}\p{N}]+/u)].filter(
      (word) => word.length >= SHORTEST_NAME,
    )
    const lower = password.toLowerCase()
    if (known.some((word) => lower.includes(word.toLowerCase()))) {
      throw refuse('A password must not contain the name or the e-mail address.')
    }
    if (estimator.check(password, ['ragstone']).score < LEAST_SCORE) {
      throw refuse(
        'This password is among those that are tried first; choose another, such as four unrelated words.',
      )
    }
  }
}
