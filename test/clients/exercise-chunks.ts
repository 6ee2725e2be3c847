/** The chunks of a document that has been asked about. */
export async function exerciseChunks(
  {
    get,
    post,
  }: {
    readonly get: (path: string) => Promise<Response>
    readonly post: (path: string, body: unknown) => Promise<Response>
  },
  { storeId, fileId }: { readonly storeId: string; readonly fileId: string },
): Promise<void> {
  const inStore = `/api/vector_stores/${storeId}/files/${fileId}/chunks`
  const page = (await (await get(`${inStore}?limit=1`)).json()) as {
    readonly data: readonly { readonly id: string }[]
  }
  const id = page.data[0]?.id ?? ''
  await get(`${inStore}?limit=1&after=${id}`)
  await get(`/api/chunks/${id}?neighbours=1`)
  await get(`/api/chunks/${id}/answers?limit=5`)
  await post(`/api/chunks/${id}`, { text: 'Leave: thirty-one days of paid leave a year.' })
  await post(`/api/chunks/${id}`, { enabled: false })
  await post(`/api/chunks/${id}`, { text: null, enabled: true })
}
