import type { SourceKind } from '../../core/ports/source-kind.ts'
import { placeOf } from './bucket-place.ts'
import { closedAddress, openS3Source, type S3KindOptions } from './open-s3-source.ts'
import {
  s3Credentials,
  s3Refusal,
  s3Settings,
  type S3SourceCredentials,
  type S3SourceSettings,
} from './s3-settings.ts'

/** Objects of a bucket, told of by a queue where there is one. */
export function createS3Kind(
  options: S3KindOptions,
): SourceKind<S3SourceSettings, S3SourceCredentials> {
  return {
    name: 's3',
    settings: s3Settings,
    credentials: s3Credentials,
    refusal: (settings, credentials) =>
      s3Refusal(settings, credentials, options) ?? closedAddress(settings, options.reach),
    open: (settings, credentials) =>
      openS3Source(options, settings, placeOf(settings, credentials)),
  }
}
