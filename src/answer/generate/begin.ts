import { AppError, type ErrorCode } from '../../core/errors.ts'
import type { GenerateEvent } from '../../core/ports/chat-model.ts'
import type { Tools } from '../../core/question.ts'
import type { Answerer, AnswererRequest } from './answerer.ts'

export interface Generation {
  /** Who writes it. */
  readonly model: string
  readonly notices: readonly string[]
  readonly events: AsyncIterable<GenerateEvent>
}

const AWAY: ReadonlySet<ErrorCode> = new Set([
  'provider_rejected',
  'provider_unavailable',
  'rate_limited',
])

/**
 * Starts the answerer and waits for its first words. One whose provider fails before them is replaced by its own
 * fallbacks in turn, then by the passages' own words, with a notice; after them a failure is thrown, for what was
 * said cannot be taken back.
 */
export async function begin(
  answerers: { readonly first: Answerer; readonly fallback: Answerer },
  request: AnswererRequest,
  signal: AbortSignal,
): Promise<Generation> {
  const { first, fallback } = answerers
  const chain = [first, ...(first.fallbacks ?? []), ...lastResort(answerers, request)]
  const away: string[] = []
  for (const answerer of chain) {
    try {
      const events = await started(answerer, request, signal)
      const extractive = answerer.name === fallback.name
      const notices = away.length === 0 ? [] : [awayNotice(away, extractive ? null : answerer.name)]
      return { model: answerer.name, notices, events }
    } catch (error) {
      if (signal.aborted || answerer === chain.at(-1) || !isAway(error)) throw error
      away.push(answerer.name)
    }
  }
  throw new Error('unreachable: the last of the chain either answers or throws')
}

/** Sentences of the passages can neither call a tool nor keep to a format. */
function lastResort(
  { first, fallback }: { readonly first: Answerer; readonly fallback: Answerer },
  { tools, format }: AnswererRequest,
): readonly Answerer[] {
  const needsModel = format !== undefined || !(tools === undefined || isFree(tools.choice))
  return needsModel || first.name === fallback.name ? [] : [fallback]
}

function isFree(choice: Tools['choice']): boolean {
  return choice === 'auto' || choice === 'none'
}

/** `instead` is null when the passages' own words answer. */
function awayNotice(away: readonly string[], instead: string | null): string {
  const plural = away.length > 1
  const names = `${plural ? 'models' : 'model'} ${away.join(' and ')}`
  const who = instead === null ? "these are the passages' own words" : `${instead} answered instead`
  return `The ${names} ${plural ? 'were' : 'was'} not available; ${who}.`
}

async function started(
  answerer: Answerer,
  request: AnswererRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<GenerateEvent>> {
  const iterator = answerer.answer(request, signal)[Symbol.asyncIterator]()
  const first = await iterator.next()
  return resumed(first, iterator)
}

async function* resumed(
  first: IteratorResult<GenerateEvent>,
  iterator: AsyncIterator<GenerateEvent>,
): AsyncGenerator<GenerateEvent> {
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}

function isAway(error: unknown): boolean {
  return error instanceof AppError && AWAY.has(error.code)
}
