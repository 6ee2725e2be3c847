import { hostname } from 'node:os'
import { SERVER_LOG, SYSTEM } from '../core/ports/audit.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'
import { maskConfig } from './config-mask.ts'

/**
 * Writes into the server's own log that this process starts, with its whole configuration, or that it stops because it was told to:
 * a start that no stop came before followed a crash. That it cannot be written holds nothing up.
 */
export function noteServer(
  { database, auditLog, logger }: Pick<Services, 'auditLog' | 'database' | 'logger'>,
  { config, version }: { readonly config: Config; readonly version: string },
): (action: `${'server' | 'worker'}.${'start' | 'stop'}`) => Promise<void> {
  const target = `${hostname()}:${process.pid}`
  return async (action) => {
    const configuration = action.endsWith('.start') ? { configuration: maskConfig(config) } : {}
    try {
      await database.transact(SERVER_LOG, (transaction) =>
        auditLog.append(transaction, {
          ...SYSTEM,
          action,
          target,
          detail: { version, node: process.version, ...configuration },
        }),
      )
    } catch (error) {
      logger.error({ err: error }, `the audit log has no entry of ${action}`)
    }
  }
}
