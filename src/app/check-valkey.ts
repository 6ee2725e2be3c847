import type { Finding } from '../cli/run-checks.ts'
import { openValkey } from '../valkey/open-valkey.ts'
import type { Config } from './config.ts'

const NO_PENALTY = { baseMs: 1, halfLifeMs: 1, longestMs: 0 }

export async function checkValkey({
  valkey: { url, prefix },
}: Pick<Config, 'valkey'>): Promise<Finding> {
  if (url === null) {
    return { ok: true, detail: 'none is configured: limits count in the one process that runs' }
  }
  const valkey = await openValkey({ url, prefix, penalty: NO_PENALTY })
  try {
    const version = await valkey.ping()
    // What it must be able to do, and the user named in the address must be allowed to.
    const scope = { key: 'doctor', limit: 1, windowMs: 1_000, penalised: false }
    await valkey.rateCounters.take([scope])
    return { ok: true, detail: `Valkey ${version}, limits are shared` }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      ok: false,
      detail: `it does not answer: ${reason}`,
      advice:
        'Start it, or mend valkey.url; until then every server counts limits by itself. The user in the address needs EVALSHA, EVAL, INFO, TIME and commands on lists, hashes and sorted sets.',
    }
  } finally {
    valkey.close()
  }
}
