import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { stringify } from 'yaml'
import { ConfigError, readConfig, type Config, type ConfigSource } from '../../src/app/config.ts'

export interface ConfigScratch {
  readonly folder: string
  /** Gives the path of a new file with that content. */
  readonly write: (content: string) => string
  /** With this as the configuration's file, which lies in the folder. */
  readonly read: (env: ConfigSource['env'], yaml?: object | string) => Config
  /** What `read` complains of. */
  readonly problemsOf: (env: ConfigSource['env'], yaml?: object | string) => readonly string[]
}

/** A folder for the tests of one file. */
export function useConfigScratch(): ConfigScratch {
  const folder = mkdtempSync(join(tmpdir(), 'ragstone-config-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let written = 0
  const write = (content: string): string => {
    const path = join(folder, `file-${(written += 1)}`)
    writeFileSync(path, content)
    return path
  }
  const read: ConfigScratch['read'] = (env, yaml = '') => {
    const file = write(typeof yaml === 'string' ? yaml : stringify(yaml))
    return readConfig({ env: env ?? {}, file, directory: folder })
  }
  return {
    folder,
    write,
    read,
    problemsOf(env, yaml) {
      try {
        read(env, yaml)
      } catch (error) {
        if (error instanceof ConfigError) return error.problems
        throw error
      }
      return []
    },
  }
}
