import { expect, test } from 'vitest'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createLocalRateCounters } from '../../src/limits/local-rate-counters.ts'
import {
  createProviderAllowance,
  type ProviderLimits,
} from '../../src/limits/provider/provider-allowance.ts'
import { createUseWatch, type UseOfLimit } from '../../src/limits/provider/watch-use.ts'
import {
  withChatAllowance,
  withEmbeddingAllowance,
} from '../../src/limits/provider/with-allowance.ts'
import { createFakeChatModel } from '../fake-chat-model.ts'
import { createFakeEmbedder } from '../fake-embedder.ts'

const NONE: ProviderLimits = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  requestsPerDay: null,
  tokensPerDay: null,
}

function allow(limits: Partial<ProviderLimits>, longestWaitMs = 0) {
  const uses: UseOfLimit[] = []
  const warned: UseOfLimit[] = []
  const metrics = createMetrics()
  const watch = createUseWatch({ metrics, warn: (use) => warned.push(use) })
  const allowance = createProviderAllowance({
    name: 'llama',
    limits: { ...NONE, ...limits },
    counters: createLocalRateCounters({ penalty: { baseMs: 1, halfLifeMs: 1, longestMs: 0 } }),
    longestWaitMs,
    onUse: (limit, share) => {
      uses.push({ model: 'llama', limit, share })
      watch({ model: 'llama', limit, share })
    },
  })
  const take = (tokens: number, requests = 1) => allowance.take({ requests, tokens }, undefined)
  return { allowance, take, uses, warned, metrics }
}

test('a call that the provider would refuse is not sent, and the caller told when there is room', async () => {
  const { take } = allow({ requestsPerMinute: 2 })
  await take(1)
  await take(1)
  const refusal = await take(1).catch((error: unknown) => error)

  expect(refusal).toMatchObject({ code: 'provider_unavailable' })
  expect(refusal).toHaveProperty('retryAfterMs', expect.closeTo(60_000, -3))
})

test('tokens are counted as they are expected', async () => {
  const { take } = allow({ tokensPerMinute: 100 })
  await take(60)

  await expect(take(50)).rejects.toMatchObject({ code: 'provider_unavailable' })
})

test('what was used beyond that counts for the next call', async () => {
  const { allowance, take } = allow({ tokensPerMinute: 100 })
  await take(10)
  await allowance.settle(80)

  await expect(take(20)).rejects.toMatchObject({ code: 'provider_unavailable' })
})

test('a call that is larger than the whole window takes all of it', async () => {
  const { take } = allow({ tokensPerMinute: 100 })

  await expect(take(500)).resolves.toBeUndefined()
})

test('without a limit nothing is counted', async () => {
  const { take, uses } = allow({})
  await take(1e9)

  expect(uses).toEqual([])
})

test('above four fifths of a limit there is one warning, and the gauge says how much is used', async () => {
  const { take, warned, metrics } = allow({ requestsPerDay: 10 })
  for (let call = 0; call < 10; call += 1) await take(1)
  const page = await metrics.read()

  expect(warned).toEqual([{ model: 'llama', limit: 'requestsPerDay', share: 0.9 }])
  expect(page).toContain(
    'ragstone_provider_limit_used_ratio{model="llama",limit="requestsPerDay"} 1',
  )
  expect(page).toContain(
    'ragstone_provider_limit_warnings_total{model="llama",limit="requestsPerDay"} 1',
  )
})

test('a model that has used up its provider is not asked', async () => {
  const { allowance } = allow({ requestsPerMinute: 1 })
  const fake = createFakeChatModel()
  const model = withChatAllowance(fake, allowance)
  const ask = async () => {
    const request = { system: '', messages: [{ role: 'user' as const, text: 'Which?' }] }
    const wishes = { maxOutputTokens: null, temperature: null, topP: null }
    for await (const _ of model.stream({ ...request, ...wishes }, new AbortController().signal));
  }
  await ask()

  await expect(ask()).rejects.toMatchObject({ code: 'provider_unavailable' })
  expect(fake.requests).toHaveLength(1)
})

test('texts for embedding are as many calls as batches', async () => {
  const { allowance } = allow({ requestsPerMinute: 3 })
  const both = { passage: allowance, query: allowance, batchSize: 2 }
  const model = withEmbeddingAllowance(createFakeEmbedder(), both)
  await model.embed(['a', 'b', 'c'], { kind: 'passage' })

  await expect(model.embed(['a', 'b', 'c'], { kind: 'passage' })).rejects.toMatchObject({
    code: 'provider_unavailable',
  })
})
