import { AppError } from '../../../core/errors.ts'

/** A refusal in the words of RFC 6749, section 5.2. */
export class OAuthError extends AppError {
  readonly word: 'invalid_request' | 'invalid_scope' | 'unsupported_grant_type'

  constructor(word: OAuthError['word'], message: string) {
    super('input_rejected', message)
    this.word = word
  }
}
