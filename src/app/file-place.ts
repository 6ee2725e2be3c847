import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Config } from './config.ts'

/** Where files are kept in a directory. */
export function blobDirectory({ data, blobs }: Config): string {
  return blobs.directory ?? join(data.directory, 'blobs')
}

/** The configured place of files, in words. */
export function filePlace(config: Config): string {
  const { store, bucket, prefix, endpoint, region } = config.blobs
  if (store === 'directory') return `the directory ${blobDirectory(config)} of ${hostname()}`
  const where = `${bucket}${prefix === '' ? '' : `/${prefix}`}`
  return `the bucket ${where} at ${endpoint ?? `Amazon S3 in ${region}`}`
}
