import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.ts'

/** The configured one, else the data directory's, which is made by the first start. */
export async function readAuthSecret({ auth, data }: Config): Promise<string> {
  if (auth.secret !== null) return auth.secret
  const path = join(data.directory, 'auth-secret')
  await mkdir(data.directory, { recursive: true, mode: 0o700 })
  // Whoever comes second keeps what the first one wrote.
  await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 }).catch(
    (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    },
  )
  const secret = (await readFile(path, 'utf8')).trim()
  if (secret.length < 32) throw new Error(`${path} is damaged: it must hold 32 characters or more.`)
  return secret
}
