import { startFauxqs } from 'fauxqs'
import { onTestFinished } from 'vitest'
import { createS3Objects, type S3Objects, type S3Settings } from '../src/storage/s3-objects.ts'

export interface S3Server {
  readonly settings: S3Settings
  stop(): Promise<void>
}

const BUCKET = 'ragstone'

/** A server that speaks S3 on loopback, with a bucket in it; `port` 0 takes a free one. */
export async function startS3Server(port = 0): Promise<S3Server> {
  const server = await startFauxqs({ port, host: '127.0.0.1', logger: false })
  server.createBucket(BUCKET)
  return {
    settings: {
      bucket: BUCKET,
      prefix: 'blobs/',
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'us-east-1',
      pathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
    stop: () => server.stop(),
  }
}

/** For one test. */
export function openS3(settings: S3Settings): S3Objects {
  const objects = createS3Objects(settings)
  onTestFinished(() => objects.close())
  return objects
}
