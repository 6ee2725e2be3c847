import { AppError, type ErrorCode } from '../../core/errors.ts'

type FileErrorCode = Extract<ErrorCode, `file_${string}`>

/** A failure of one file, with the sentence its owner reads. */
export function parseFailure(code: FileErrorCode, message: string, cause?: unknown): AppError {
  return new AppError(code, message, cause === undefined ? {} : { cause })
}

/** Bytes as a person reads them: `512 bytes`, `3.4 MB`. */
export function readableBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const units = ['kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length)
  const value = bytes / 1000 ** power
  return `${Number(value.toFixed(1))} ${units[power - 1] ?? ''}`
}
