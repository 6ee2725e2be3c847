import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3'
import type { StoredObject } from '../core/ports/object-store.ts'

/** Every object under the prefix, by its whole key; throws rather than end before the bucket does. */
export async function* listBucket(
  client: S3Client,
  request: { readonly Bucket: string; readonly Prefix: string },
  options: { readonly abortSignal?: AbortSignal },
): AsyncGenerator<StoredObject> {
  // In plain XML a key with a control character could not be told.
  const input = { ...request, EncodingType: 'url' as const }
  let isCut = false
  for await (const page of paginateListObjectsV2(
    { client, stopOnSameToken: true },
    input,
    options,
  )) {
    isCut = page.IsTruncated === true
    const decode = page.EncodingType === 'url' ? decodeKey : (key: string) => key
    for (const found of page.Contents ?? []) {
      yield {
        key: decode(found.Key ?? ''),
        bytes: found.Size ?? 0,
        version: found.ETag ?? '',
        modifiedAt: found.LastModified ?? new Date(0),
      }
    }
  }
  if (isCut) throw new Error(`The listing of ${request.Bucket} says that there is more, not where.`)
}

/** As in a form: a blank is a plus sign. */
const decodeKey = (key: string) => decodeURIComponent(key.replaceAll('+', ' '))
