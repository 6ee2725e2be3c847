import type { RequestListener } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { startLoopbackServer } from '../../test/outside/loopback-server.ts'
import { openReach } from '../../test/outside/open-reach.ts'
import { createBoundedFetch } from './bounded-fetch.ts'
import { createGuardedAgent } from './guarded-agent.ts'

async function allowed(answer: RequestListener) {
  const { origin, port } = await startLoopbackServer(answer)
  const reach = openReach({ hosts: [`127.0.0.1:${port}`] })
  const agent = createGuardedAgent(reach, { connectMs: 1_000, silenceMs: 1_000 })
  onTestFinished(() => agent.destroy())
  return { origin, fetch: createBoundedFetch({ reach, agent, maxBytes: 1_000 }) }
}

test('gives what is answered, as fetch does', async () => {
  const { origin, fetch } = await allowed((request, response) => {
    response.setHeader('content-type', 'application/json')
    request.pipe(response)
  })
  const response = await fetch(origin, { method: 'POST', body: '{"a":1}' })

  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.json()).toEqual({ a: 1 })
})

test('reads no more than it may', async () => {
  const { origin, fetch } = await allowed((_, response) => response.end('x'.repeat(2_000)))

  await expect(fetch(origin)).rejects.toMatchObject({ code: 'file_too_large' })
})

test('follows no redirect, and calls nothing that is closed', async () => {
  const { origin, fetch } = await allowed((_, response) => {
    response.writeHead(302, { location: '/elsewhere' })
    response.end()
  })

  await expect(fetch(origin)).rejects.toThrow()
  await expect(fetch('http://169.254.169.254/')).rejects.toMatchObject({ code: 'input_rejected' })
})
