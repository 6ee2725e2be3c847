import type { Metrics } from '../../core/ports/metrics.ts'
import type { ProviderLimit } from './provider-allowance.ts'

export interface UseWatchDeps {
  readonly metrics: Pick<Metrics, 'counter' | 'gauge'>
  /** Told once each time that the use of a limit rises above `WARNING_SHARE`. */
  readonly warn: (use: UseOfLimit) => void
}

export interface UseOfLimit {
  readonly model: string
  readonly limit: ProviderLimit
  /** In [0, 1]. */
  readonly share: number
}

const WARNING_SHARE = 0.8

/** Says how much of the providers' limits is used, and when one comes near. */
export function createUseWatch({ metrics, warn }: UseWatchDeps): (use: UseOfLimit) => void {
  const latest = new Map<string, UseOfLimit>()
  const warnings = metrics.counter<'limit' | 'model'>({
    name: 'ragstone_provider_limit_warnings_total',
    help: 'Times that the use of a limit of a model provider rose above 80 %.',
    labels: ['model', 'limit'],
  })
  metrics.gauge<'limit' | 'model'>(
    {
      name: 'ragstone_provider_limit_used_ratio',
      help: 'Used share of a limit of a model provider, after the last call.',
      labels: ['model', 'limit'],
    },
    () => [...latest.values()].map(({ model, limit, share }) => [{ model, limit }, share] as const),
  )
  return (use) => {
    const { model, limit, share } = use
    const name = `${model} ${limit}`
    const before = latest.get(name)?.share ?? 0
    latest.set(name, use)
    if (share <= WARNING_SHARE || before > WARNING_SHARE) return
    warnings.add({ model, limit })
    warn(use)
  }
}
