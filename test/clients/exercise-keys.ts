import type OpenAI from 'openai'

/** One key, from its making to its end. */
export async function exerciseKeys({
  client,
  get,
  post,
}: {
  readonly client: OpenAI
  readonly get: (path: string) => Promise<Response>
  readonly post: (path: string, body: unknown) => Promise<Response>
}): Promise<void> {
  const reader = { name: 'reader', scopes: ['read', 'ask'], expires_in_days: 30 }
  const made = (await (await post('/api/keys', reader)).json()) as { id: string; key: string }
  await get('/api/keys?limit=5&order=desc')
  await get(`/api/keys/${made.id}`)
  await post(`/api/keys/${made.id}`, { name: 'site', limits: { questions_per_minute: 10 } })
  // Refused: it may not change anything.
  await client
    .withOptions({ apiKey: made.key })
    .vectorStores.create({})
    .catch(() => undefined)
  await post(`/api/keys/${made.id}/rotate`, { overlap_hours: 24 })
  await post(`/api/keys/${made.id}/revoke`, {})
}
