import type pg from 'pg'
import { masterKeysOf, usedMasterKeys, type MasterKeys } from '../storage/data-keys.ts'
import { ConfigError, type Config } from './config.ts'

/** Null where nothing is to be encrypted. */
export function readMasterKeys({
  masterKey,
  previousMasterKey,
}: Pick<Config['blobs'], 'masterKey' | 'previousMasterKey'>): MasterKeys | null {
  if (masterKey === null) return null
  const previous = previousMasterKey === null ? null : decode(previousMasterKey)
  return masterKeysOf(decode(masterKey), previous)
}

const decode = (text: string) => Buffer.from(text, text.length === 64 ? 'hex' : 'base64')

/** A server that could not read its files does not start. Throws ConfigError. */
export async function insistOnMasterKeys(pool: pg.Pool, masters: MasterKeys | null): Promise<void> {
  const unknown = (await usedMasterKeys(pool, masters)).filter(({ role }) => role === 'unknown')
  const problems = unknown.map(({ id, tenants }) => {
    const whose = `files of ${tenants} ${tenants === 1 ? 'tenant are' : 'tenants are'} encrypted under the master key ${id}`
    return masters === null
      ? `blobs.master_key is missing: ${whose}`
      : `blobs.master_key is ${masters.current.id}, but ${whose}: give that key, or set it as blobs.previous_master_key if this is a change of keys`
  })
  if (problems.length > 0) throw new ConfigError(problems)
}
