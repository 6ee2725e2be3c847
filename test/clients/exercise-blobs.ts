/** What is kept of files, on a server that encrypts them. */
export async function exerciseBlobs({
  get,
  post,
}: {
  readonly get: (path: string) => Promise<Response>
  readonly post: (path: string, body: unknown) => Promise<Response>
}): Promise<void> {
  await post('/api/blobs/check', { repair: true, verify: true })
  await get('/api/blobs/encryption')
  await post('/api/blobs/rewrap', {})
}
