import { AppError } from '../core/errors.ts'

export interface Ends {
  /** The caller's. */
  readonly signal: AbortSignal | undefined
  readonly timeout: AbortSignal
}

/** A sentence for whoever named the address; an abort by the caller stays what it is. */
export function explainFailure(error: unknown, url: URL, { signal, timeout }: Ends): Error {
  if (signal?.aborted === true) return signal.reason as Error
  const causes = [...causesOf(error)]
  const told = causes.find((cause) => cause instanceof AppError)
  if (told !== undefined) return told
  const codes = causes.map((cause) => String(Object(cause).code ?? Object(cause).name ?? ''))
  const known = (timeout.aborted ? ['TimeoutError'] : codes)
    .map(sentenceOf)
    .find((sentence) => sentence !== null)
  const message = `The host ${url.host} ${known ?? 'broke off the connection.'}`
  return new AppError('provider_unavailable', message, { cause: error })
}

const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/TimeoutError|TIMEOUT|ETIMEDOUT/, 'did not answer in time.'],
  [/^ENOTFOUND$/, 'cannot be found: no such name is known.'],
  [/^EAI_/, 'cannot be found at the moment: names are not resolved.'],
  [/^ECONNREFUSED$/, 'refuses connections.'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, 'cannot be reached.'],
  [/HEADERS_OVERFLOW/, 'answers with headers that are too long.'],
  [/^(ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_SSL)/, 'shows no certificate to trust.'],
  [/^Z_|^ERR_BROTLI|^ERR__ERROR_FORMAT/, 'sends what cannot be unpacked.'],
  [/^HPE_|RES_CONTENT_LENGTH|HTTPParserError/, 'does not speak HTTP as it should.'],
]

function sentenceOf(code: string): string | null {
  return SENTENCES.find(([pattern]) => pattern.test(code))?.[1] ?? null
}

/** An error, what caused it, and what those were that came together in one. */
function* causesOf(error: unknown, depth = 0): Generator<unknown> {
  if (typeof error !== 'object' || error === null || depth > 5) return
  yield error
  const { cause, errors } = error as { readonly cause?: unknown; readonly errors?: unknown }
  yield* causesOf(cause, depth + 1)
  if (!Array.isArray(errors)) return
  for (const one of errors) yield* causesOf(one, depth + 1)
}
