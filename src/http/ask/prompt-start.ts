import { setTimeout as delay } from 'node:timers/promises'

/** A refusal by the guard or a dead database shows within this time. */
const PROMPT_MS = 250

/**
 * Waits a moment for the first element. A refusal that comes in that time is thrown here, where it can still be
 * an HTTP status; what comes later happens in the iteration.
 */
export async function startPromptly<Element>(
  source: AsyncIterable<Element>,
): Promise<AsyncIterable<Element>> {
  const iterator = source[Symbol.asyncIterator]()
  const first = iterator.next()
  const timer = new AbortController()
  const moment = delay(PROMPT_MS, undefined, { signal: timer.signal }).catch(() => undefined)
  await Promise.race([first, moment])
  timer.abort()
  return resumed(first, iterator)
}

async function* resumed<Element>(
  first: Promise<IteratorResult<Element, unknown>>,
  iterator: AsyncIterator<Element, unknown>,
): AsyncGenerator<Element, void, undefined> {
  try {
    for (let step = await first; step.done !== true; step = await iterator.next()) yield step.value
  } finally {
    await iterator.return?.()
  }
}
