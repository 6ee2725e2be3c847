import type { Answerer } from '../answer/generate/answerer.ts'
import { createGenerativeAnswerer } from '../answer/generate/generative-answerer.ts'
import { AppError } from '../core/errors.ts'
import type { ChatModel } from '../core/ports/chat-model.ts'
import type { Meter } from '../limits/meter.ts'
import type { Config } from './config.ts'

export interface AnswerersDeps {
  readonly chat: (name: string) => ChatModel | null
  readonly extractive: (meter: Meter) => Answerer
  readonly settings: Config['chat']
  /** Told of every failure but those that the caller asked for by leaving. */
  readonly onFailure: (failure: { readonly model: string; readonly error: unknown }) => void
}

/** By the registry's name, null for the default: a model with the configured fallbacks behind it, or the extractive answerer. */
export function createAnswerers(
  deps: AnswerersDeps,
): (name: string | null, meter: Meter) => Answerer {
  const { chat, extractive, settings } = deps
  return (name, meter) => {
    const wanted = name ?? settings.defaultModel
    if (wanted === 'extractive') return extractive(meter)
    const model = chat(wanted)
    if (model === null) {
      throw new AppError(
        'model_not_found',
        `There is no model called "${wanted}". GET /v1/models lists those there are.`,
        { param: 'model' },
      )
    }
    const fallbacks = settings.fallbacks
      .filter((fallback) => fallback !== wanted)
      .flatMap((fallback) => chat(fallback) ?? [])
      .map((fallback) => reported(fallback, { ...deps, meter }))
    return { ...reported(model, { ...deps, meter }), fallbacks }
  }
}

function reported(
  model: ChatModel,
  { onFailure, meter }: Pick<AnswerersDeps, 'onFailure'> & { readonly meter: Meter },
): Answerer {
  const answerer = createGenerativeAnswerer({
    model: meter.chat(model, 'answer'),
    rewriter: meter.chat(model, 'rewrite'),
  })
  return {
    ...answerer,
    async *answer(request, signal) {
      try {
        yield* answerer.answer(request, signal)
      } catch (error) {
        if (!signal.aborted) onFailure({ model: model.id, error })
        throw error
      }
    },
  }
}
