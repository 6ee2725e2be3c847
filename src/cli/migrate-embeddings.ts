import type { MigrationEstimate } from '../ingest/estimate-migration.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError, EXIT } from './cli-error.ts'
import type { Client } from './client.ts'
import type { CliDeps } from './deps.ts'
import {
  duration,
  showEstimate,
  showStatus,
  type EmbeddingsStatus,
  type Migration,
} from './show-embeddings.ts'
import { jsonLine, line } from './terminal.ts'
import { createTicker } from './ticker.ts'

export interface MigrateOptions {
  readonly to: string
  readonly rate?: number
  readonly yes?: true
  readonly detach?: true
  readonly estimate?: true
  readonly json?: true
}

const POLL_MS = 1_000

/** Estimate, question, beginning, and then how far it is until it is ready. */
export async function migrate(
  deps: CliDeps,
  client: Client,
  options: MigrateOptions,
): Promise<void> {
  const { to, rate, yes, detach, json } = options
  const estimate = await client.send<MigrationEstimate>('POST', '/api/embeddings/estimate', {
    body: { model: to },
    signal: deps.signal,
  })
  if (options.estimate === true)
    return json ? jsonLine(deps.stdout, estimate) : showEstimate(deps.stdout, estimate)
  showEstimate(deps.stderr, estimate)
  if (yes !== true) await insist(deps)
  const body = { model: to, ...(rate === undefined ? {} : { chunks_per_second: rate }) }
  const migration = await client.send<Migration>('POST', '/api/embeddings/migrate', { body })
  if (detach === true) {
    if (json) return jsonLine(deps.stdout, { estimate, migration })
    return line(deps.stdout, 'It has begun; `ragstone embeddings status` says how far it is.')
  }
  const status = await untilReady(deps, client)
  if (json) jsonLine(deps.stdout, { estimate, ...status })
  else showStatus(deps.stdout, status)
}

async function insist(deps: CliDeps): Promise<void> {
  if (deps.stdout.isTTY !== true)
    throw new CliError('There is no terminal to ask on: add --yes.', EXIT.usage)
  const answer = await deps.askLine('Begin? [y/N] ')
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was begun.')
}

async function untilReady(deps: CliDeps, client: Client): Promise<EmbeddingsStatus> {
  const ticker = createTicker(deps.stderr)
  const { signal } = deps
  try {
    for (;;) {
      const status = await client.send<EmbeddingsStatus>('GET', '/api/embeddings', { signal })
      const { migration, progress } = status
      if (migration?.status !== 'planned' && migration?.status !== 'building') return status
      if (migration.problem !== null) throw new CliError(migration.problem)
      if (progress !== null) ticker.tick(sentenceOf(progress))
      await sleep(POLL_MS, undefined, { signal })
    }
  } catch (error) {
    if (!signal.aborted) throw error
    throw new CliError(
      'It goes on without you: `ragstone embeddings status` says how far it is.',
      EXIT.interrupted,
    )
  } finally {
    ticker.clear()
  }
}

function sentenceOf({
  done,
  chunks,
  seconds_left: left,
}: NonNullable<EmbeddingsStatus['progress']>): string {
  return `${done} of ${chunks} chunks${left === null ? '' : `, ${duration(left)} left`}`
}
