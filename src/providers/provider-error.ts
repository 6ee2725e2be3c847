import { AppError } from '../core/errors.ts'

/** What a provider answered instead of an answer. */
export interface ProviderRefusal {
  readonly status: number
  readonly headers: Headers
  /** As it came. None of it reaches a message: it may echo the key. */
  readonly body: string
  /** Taken out of what the error keeps for the log. */
  readonly apiKey: string | null
}

/** `model` is the configured name: the one word of it all that an administrator will recognise. */
export function refusalError(model: string, refusal: ProviderRefusal): AppError {
  const { status, headers, body, apiKey } = refusal
  const safe = apiKey === null ? body : body.replaceAll(apiKey, '[redacted]')
  const cause = new Error(`HTTP ${status}: ${safe.slice(0, 500)}`)
  if (isContextOverflow(status, body)) {
    const message = `The question and its passages are too long for the model "${model}".`
    return new AppError('context_length_exceeded', message, { cause })
  }
  const rejection = rejectionAdvice(status, body)
  if (rejection !== null) {
    return new AppError('provider_rejected', `The provider of "${model}" ${rejection}`, { cause })
  }
  const wait = retryAfter(headers)
  const retryAfterMs = wait === null ? {} : { retryAfterMs: wait }
  if (status === 429) {
    const message = `The provider of "${model}" is limiting our requests. Try again later.`
    return new AppError('rate_limited', message, { cause, ...retryAfterMs })
  }
  return unavailableError(model, cause, retryAfterMs)
}

/** Network trouble, time-outs, broken streams, 5xx. */
export function unavailableError(
  model: string,
  cause: unknown,
  options: { readonly retryAfterMs?: number } = {},
): AppError {
  const message = `The provider of "${model}" cannot be reached or does not answer. Try again later.`
  return new AppError('provider_unavailable', message, { cause, ...options })
}

/** An answer that is no answer: asking again would not help. */
export function nonsenseError(model: string, what: string): AppError {
  const message = `The provider of "${model}" answered with ${what}. Check base_url and model in the configuration.`
  return new AppError('provider_rejected', message)
}

/** Milliseconds from `retry-after-ms`, or `retry-after` in seconds or as a date; null without either. */
function retryAfter(headers: Headers): number | null {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '')
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds)
  const value = headers.get('retry-after')
  if (value === null) return null
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now())
}

/** The rest of the sentence; null for what may pass. */
function rejectionAdvice(status: number, body: string): string | null {
  if (status === 401 || status === 403) {
    return `refused our key (HTTP ${status}). Check api_key in the configuration.`
  }
  if (status === 404) {
    return 'does not know the model or the address (HTTP 404). Check base_url and model in the configuration.'
  }
  if (status === 402 || /insufficient_quota|billing_hard_limit/.test(body)) {
    return 'says that the account is used up. Check its billing.'
  }
  const mayPass = status === 408 || status === 409 || status === 425 || status === 429
  return status >= 400 && status < 500 && !mayPass
    ? `refused the request (HTTP ${status}). The log has its answer.`
    : null
}

function isContextOverflow(status: number, body: string): boolean {
  if (status !== 400 && status !== 413 && status !== 422) return false
  return /context_length_exceeded|context (length|window|size)|maximum context|too many (input )?tokens/i.test(
    body,
  )
}
