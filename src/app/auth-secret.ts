import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.ts'

/** The present one, then those that are still believed. */
export type AuthSecrets = readonly [string, ...string[]]

/** The configured ones, else the data directory's: one a line, newest first; the first start makes one. */
export async function readAuthSecrets({ auth, data }: Config): Promise<AuthSecrets> {
  const before = auth.previousSecret === null ? [] : [auth.previousSecret]
  if (auth.secret !== null) return [auth.secret, ...before]
  const path = join(data.directory, 'auth-secret')
  await mkdir(data.directory, { recursive: true, mode: 0o700 })
  // Whoever comes second keeps what the first one wrote.
  await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 }).catch(
    (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    },
  )
  const lines = (await readFile(path, 'utf8')).split(/\s+/).filter((line) => line !== '')
  const [current, ...earlier] = lines
  if (current === undefined || lines.some(({ length }) => length < 32)) {
    throw new Error(`${path} is damaged: each line of it must hold 32 characters or more.`)
  }
  return [current, ...earlier, ...before]
}
