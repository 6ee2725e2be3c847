import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { useHttpWorld } from './world.ts'
import { examplePrincipal } from '../example-principal.ts'

const world = useHttpWorld()
const run = promisify(execFile)

const SUITE = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'))
const EXPECTED = fileURLToPath(new URL('mcp-conformance.yml', import.meta.url))

test('the official conformance suite finds nothing but what is written down', async () => {
  // The suite has no way to send a key.
  const owner = examplePrincipal(world().tenantId)
  const { url } = await world().listen({ authenticate: async () => owner })
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-conformance-'))
  const options = ['--url', `${url}/mcp`, '--expected-failures', EXPECTED, '-o', folder]
  const { stdout } = await run(process.execPath, [SUITE, 'server', ...options]).catch(
    (failure: { readonly stdout: string }) => failure,
  )
  await rm(folder, { recursive: true })
  expect(stdout).toContain('Baseline check passed')
  for (const scenario of ['server-initialize', 'ping', 'tools-list', 'resources-list']) {
    expect(stdout).toContain(`✓ ${scenario}: 1 passed, 0 failed`)
  }
  expect(stdout).toContain('✓ dns-rebinding-protection: 2 passed, 0 failed')
})
