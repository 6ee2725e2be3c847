import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Metrics, MetricsPage } from '../core/ports/metrics.ts'

/** `process` adds what Node.js says of itself: memory, processor time, the event loop's delay. */
export function createMetrics({ process = false } = {}): Metrics & MetricsPage {
  const registry = new Registry()
  if (process) collectDefaultMetrics({ register: registry })
  const registers = [registry]

  return {
    contentType: registry.contentType,
    read: () => registry.metrics(),
    counter({ labels = [], ...options }) {
      const known = registry.getSingleMetric(options.name) as Counter | undefined
      const counter = known ?? new Counter({ ...options, labelNames: [...labels], registers })
      return { add: (values, amount = 1) => counter.inc(values, amount) }
    },
    histogram({ labels = [], buckets, ...options }) {
      const known = registry.getSingleMetric(options.name) as Histogram | undefined
      const shape = { ...options, labelNames: [...labels], buckets: [...buckets], registers }
      const histogram = known ?? new Histogram(shape)
      return { observe: (values, value) => histogram.observe(values, value) }
    },
    gauge({ labels = [], ...options }, read) {
      registry.removeSingleMetric(options.name)
      const gauge = new Gauge({
        ...options,
        labelNames: [...labels],
        registers,
        collect: () => {
          gauge.reset()
          for (const [values, value] of read()) gauge.set(values, value)
        },
      })
    },
  }
}
