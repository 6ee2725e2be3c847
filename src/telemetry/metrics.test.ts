import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

const OPTIONS = { name: 'ragstone_things_total', help: 'Things.', labels: ['kind'] } as const

test('what is counted is on the page, by label', async () => {
  const metrics = createMetrics()
  const counter = metrics.counter(OPTIONS)
  counter.add({ kind: 'large' })
  counter.add({ kind: 'large' }, 2)

  expect(await metrics.read()).toContain('ragstone_things_total{kind="large"} 3')
})

test('two that ask for one counter count together', async () => {
  const metrics = createMetrics()
  metrics.counter(OPTIONS).add({ kind: 'small' })
  metrics.counter(OPTIONS).add({ kind: 'small' })

  expect(await metrics.read()).toContain('ragstone_things_total{kind="small"} 2')
})

test('a histogram tells its values by bucket', async () => {
  const metrics = createMetrics()
  const histogram = metrics.histogram({
    name: 'ragstone_wait_seconds',
    help: 'w',
    buckets: [0.1, 1],
  })
  histogram.observe({}, 0.5)
  const page = await metrics.read()

  expect(page).toContain('ragstone_wait_seconds_bucket{le="0.1"} 0')
  expect(page).toContain('ragstone_wait_seconds_bucket{le="1"} 1')
})

test('a gauge is read when somebody looks', async () => {
  const metrics = createMetrics()
  let value = 1
  metrics.gauge({ name: 'ragstone_level', help: 'l' }, () => [[{}, value]])
  value = 7

  expect(await metrics.read()).toContain('ragstone_level 7')
})

test('two sets of metrics know nothing of each other', async () => {
  createMetrics().counter(OPTIONS).add({ kind: 'large' })

  expect(await createMetrics().read()).not.toContain('ragstone_things_total')
})

test('the process itself is told of where that is wanted', async () => {
  expect(await createMetrics({ process: true }).read()).toContain('nodejs_eventloop_lag_seconds')
})
