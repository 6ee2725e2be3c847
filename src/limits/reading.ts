import type { TokenUsage } from '../core/answer.ts'
import type { Tokenizer } from '../core/ports/embedding-model.ts'
import type { ModelCall, Purpose } from '../core/usage.ts'
import type { ModelTariff } from './tariff.ts'

/** One call of a model, while it goes on. */
export interface Reading {
  /** What it is given to read. */
  read(texts: readonly string[]): void
  wrote(text: string): void
  /** By the provider; several times where a call was made in parts. */
  told(usage: TokenUsage, milliseconds?: number): void
  ended(): void
  /** Refused or never reached: nothing of it is charged. What was heard before counts all the same. */
  failed(): void
  /** Null for a call that came to nothing. */
  call(): ModelCall | null
}

export function createReading(
  options: ModelTariff & {
    readonly model: string
    readonly purpose: Purpose
    readonly tokenizer: Tokenizer
  },
): Reading {
  const { model, purpose, tokenizer, price, builtIn } = options
  const since = performance.now()
  let milliseconds: number | null = null
  let given: readonly string[] = []
  let written = ''
  let usage: TokenUsage | null = null
  let failed = false

  const counted = (): TokenUsage => ({
    inputTokens: given.reduce((sum, text) => sum + tokenizer.count(text), 0),
    outputTokens: written === '' ? 0 : tokenizer.count(written),
    estimated: true,
  })
  const elapsed = () => performance.now() - since
  return {
    read: (texts) => {
      given = texts
    },
    wrote: (text) => {
      written += text
    },
    told(said, took) {
      usage = {
        inputTokens: (usage?.inputTokens ?? 0) + said.inputTokens,
        outputTokens: (usage?.outputTokens ?? 0) + said.outputTokens,
        cachedTokens: (usage?.cachedTokens ?? 0) + (said.cachedTokens ?? 0),
        ...(said.estimated === true || usage?.estimated === true ? { estimated: true } : {}),
      }
      milliseconds = took ?? elapsed()
    },
    ended: () => {
      milliseconds ??= elapsed()
    },
    failed: () => {
      failed = true
      milliseconds ??= elapsed()
    },
    call() {
      if (failed && written === '' && usage === null) return null
      const { inputTokens, outputTokens, cachedTokens = 0, estimated = false } = usage ?? counted()
      return {
        model,
        purpose,
        inputTokens,
        outputTokens,
        cachedTokens: Math.min(cachedTokens, inputTokens),
        estimated,
        price,
        // What nobody of the tenant has asked for.
        budgeted: !builtIn && purpose !== 'embed_again',
        latencyMs: milliseconds ?? elapsed(),
      }
    },
  }
}
