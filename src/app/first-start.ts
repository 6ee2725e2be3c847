import { createApiKey } from '../auth/api-key.ts'
import { SYSTEM } from '../core/ports/audit.ts'
import type { Services } from './compose.ts'

/** The key of a fresh installation, with every right. Shown once: only its hash is stored. */
export async function createFirstKey({
  database,
  apiKeys,
  auditLog,
  owner,
}: Pick<Services, 'apiKeys' | 'auditLog' | 'database' | 'owner'>): Promise<string> {
  const { id, key, hash } = createApiKey()
  // Above the tenants stands only who owns the machine, until he makes a key for it.
  const scopes = owner.scopes.filter((scope) => scope !== 'operator')
  const name = 'first'
  await database.transact(owner.tenantId, async (transaction) => {
    const record = { id, name, hash, scopes, createdAt: new Date(), expiresAt: null }
    await apiKeys.insert(transaction, record)
    await auditLog.append(transaction, {
      ...SYSTEM,
      action: 'api_key.create',
      target: id,
      detail: { name, scopes },
    })
  })
  return key
}

/** What to do next, for whoever started the server by hand. */
export function welcome({
  address,
  key,
}: {
  readonly address: string
  readonly key: string | null
}): void {
  const question = 'How does Ragstone make sure that a citation is true?'
  const lines = [
    '',
    `Ragstone listens on ${address}`,
    ...(key === null
      ? ['Its keys were made earlier; `node bin/ragstone.mjs keys create NAME` makes another.']
      : [
          `API key, shown this once: ${key}`,
          '',
          'A first question to paste:',
          '',
          curl(address, key, question),
        ]),
    '',
    'Or from this folder, without a key:',
    '',
    `node bin/ragstone.mjs ask "${question}"`,
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

function curl(address: string, key: string, question: string): string {
  const body = JSON.stringify({ input: question })
  return `curl -s ${address}/v1/responses -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${body}'`
}
