import { deriveKeys } from '../auth/derived-keys.ts'
import { createSeal } from '../auth/seal.ts'
import type { CredentialSeal, SealedPlace } from '../core/ports/credential-seal.ts'
import type { DataKeys } from '../core/ports/data-keys.ts'
import {
  createCredentialSeal,
  isUnderDataKey,
  lostCredentials,
} from '../storage/credential-seal.ts'
import type { AuthSecrets } from './auth-secret.ts'

/**
 * AES-256-GCM: under the tenant's data key where there is a master key, else under a key made from the server's secret,
 * which is not in the database either. What was sealed before a master key was set still opens.
 */
export function openCredentialSeal({
  dataKeys,
  secrets,
}: {
  readonly dataKeys: DataKeys | null
  readonly secrets: AuthSecrets
}): CredentialSeal {
  const underDataKey = dataKeys === null ? null : createCredentialSeal(dataKeys)
  const underSecret = createSeal(deriveKeys(secrets, 'sealing'))
  const nameOf = ({ tenantId, sourceId }: SealedPlace) => `source ${tenantId} ${sourceId}`
  return {
    close: (text, place) =>
      underDataKey === null
        ? underSecret.close(text, nameOf(place))
        : underDataKey.close(text, place),
    async open(sealed, place) {
      if (isUnderDataKey(sealed)) {
        if (underDataKey === null) throw lostCredentials()
        return underDataKey.open(sealed, place)
      }
      const text = await underSecret.open(sealed, nameOf(place))
      if (text === null) throw lostCredentials()
      return text
    },
  }
}
