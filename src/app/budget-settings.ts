import { optional, section, share, text, whole } from './setting-kinds.ts'

export const budgets = section('What happens as a budget of tokens or money runs low.', {
  warnAt: share({
    description: 'Share of a budget, used or held back, from which on callers are warned.',
    default: 0.8,
  }),
  cheaperAt: share({
    description:
      'Share from which on `cheaper_model` answers in place of the model that was named.',
    default: 0.9,
  }),
  cheaperModel: optional(
    text({
      description: 'A name from `chat.models`, or `extractive`; null leaves the model as it is.',
    }),
  ),
  leaseSeconds: whole({
    minimum: 3,
    maximum: 86_400,
    description:
      'How long what a process that died had held back stays held; live ones renew it in time.',
    default: 300,
  }),
})
