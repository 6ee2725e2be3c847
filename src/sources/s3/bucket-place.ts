import type { BucketPlace } from '../../core/bucket-place.ts'
import type { S3SourceCredentials, S3SourceSettings } from './s3-settings.ts'

export function placeOf(
  settings: S3SourceSettings,
  credentials: S3SourceCredentials | null,
): BucketPlace {
  const { bucket, endpoint = null, region = 'us-east-1' } = settings
  const place = { bucket, endpoint, region, pathStyle: settings.path_style ?? endpoint !== null }
  if (credentials === null) return { ...place, credentials }
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey } = credentials
  const session =
    credentials.session_token === undefined ? {} : { sessionToken: credentials.session_token }
  return { ...place, credentials: { accessKeyId, secretAccessKey, ...session } }
}
