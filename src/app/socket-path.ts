import { join } from 'node:path'
import type { Config } from './config.ts'

/** The local door: in the data directory, which only its owner may enter. */
export function socketPath(config: Config): string {
  return join(config.data.directory, 'ragstone.sock')
}
