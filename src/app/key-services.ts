import type { Logger } from 'pino'
import { createApiKeySignIn } from '../auth/api-key-sign-in.ts'
import { createKeyDirectory } from '../auth/key-directory.ts'
import { noteKeyUse } from '../auth/note-key-use.ts'
import { createSignatureSignIn } from '../auth/signature-sign-in.ts'
import { createSigningSecretsOf } from '../auth/signing-secret.ts'
import type { ApiKeys } from '../core/ports/api-keys.ts'
import type { Database } from '../core/ports/database.ts'
import { createSignatureNonces } from '../storage/signature-nonces.ts'
import type { AuthSecrets } from './auth-secret.ts'

/** All that API keys need to be recognised, sent or signed with. */
export function createKeyServices({
  apiKeys,
  database,
  authSecrets,
  logger,
}: {
  readonly apiKeys: ApiKeys
  readonly database: Database
  readonly authSecrets: AuthSecrets
  readonly logger: Logger
}) {
  const signingSecretsOf = createSigningSecretsOf(authSecrets)
  const directory = createKeyDirectory({ apiKeys })
  const { note: noteUse, settled } = noteKeyUse({
    database,
    apiKeys,
    onError: (error) => logger.warn({ err: error }, 'the use of a key was not noted'),
  })
  const nonces = createSignatureNonces()
  return {
    directory,
    signingSecretsOf,
    ways: [
      createApiKeySignIn({ keyDirectory: directory, noteUse }),
      createSignatureSignIn({
        keyDirectory: directory,
        noteUse,
        signingSecretsOf,
        nonces,
        database,
      }),
    ],
    /** Resolves when no use is being noted any longer. */
    settled,
  }
}
