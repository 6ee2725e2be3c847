import { AppError } from '../../core/errors.ts'

// Control characters but tab and line feed, and the marks that turn the direction of what a reader sees.
const UNSEEN = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069\ufeff]/gu

/**
 * The question without what nobody can have meant to type.
 * Throws `input_rejected` when nothing is left, when it is too long, or when it is not well-formed Unicode.
 */
export function checkQuestion(
  text: string,
  limits: { readonly maxQuestionCharacters: number; readonly param: string },
): string {
  const { maxQuestionCharacters, param } = limits
  if (!text.isWellFormed()) {
    throw new AppError(
      'input_rejected',
      'The question is not well-formed Unicode: it holds half of a surrogate pair. Send it as UTF-8.',
      { param },
    )
  }
  const clean = withoutUnseen(text).trim()
  if (clean === '') {
    throw new AppError('input_rejected', 'The question is empty. Ask something.', { param })
  }
  if (clean.length > maxQuestionCharacters) {
    throw new AppError(
      'input_rejected',
      `The question has ${clean.length} characters; at most ${maxQuestionCharacters} are accepted. Shorten it.`,
      { param },
    )
  }
  return clean
}

export function withoutUnseen(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(UNSEEN, '')
}
