import { onTestFinished } from 'vitest'
import { createFetchOutside, type FetchOutside } from '../../src/outside/fetch-outside.ts'
import { createGuardedAgent } from '../../src/outside/guarded-agent.ts'
import type { Reach } from '../../src/outside/reach.ts'

/** With little patience. */
export function openFetch(reach: Reach, { silenceMs = 400, totalMs = 2_000 } = {}): FetchOutside {
  const agent = createGuardedAgent(reach, { connectMs: 1_000, silenceMs })
  onTestFinished(() => agent.destroy())
  return createFetchOutside({ reach, agent, userAgent: 'Ragstone/1.0', totalMs })
}
