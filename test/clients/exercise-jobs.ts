import OpenAI, { toFile } from 'openai'
import type { RagstoneProcess } from '../ragstone-process.ts'
import type { Recorder } from './recorder.ts'

interface Listed {
  readonly data: readonly { readonly id: string }[]
}

/** A file that cannot be read becomes a dead job, which is looked at, replayed and dismissed. */
export async function exerciseJobs(
  { url, key }: Pick<RagstoneProcess, 'key' | 'url'>,
  fetch: Recorder['fetch'],
): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const get = (path: string) => fetch(`${url}${path}`, { headers })
  const post = (path: string, body?: object) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: body === undefined ? { authorization: headers.authorization } : headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
  const store = await client.vectorStores.create({ name: 'Damaged' })
  const file = await client.files.create({
    file: await toFile(Buffer.from('%PDF-1.7 and nothing behind it'), 'torn.pdf'),
    purpose: 'assistants',
  })
  await client.vectorStores.files.createAndPoll(store.id, { file_id: file.id })

  const query = `status=dead&kind=ingest-document&vector_store_id=${store.id}&file_id=${file.id}&error_code=file_malformed`
  const listed = await get(`/api/jobs?${query}&limit=10&order=desc`)
  const { data } = (await listed.clone().json()) as Listed
  const id = data[0]?.id ?? ''
  await get('/api/jobs?tenants=all&limit=1')
  await get(`/api/jobs?limit=1&after=${id}`)
  await get(`/api/jobs/${id}`)
  await (await get(`/api/jobs/${id}?stream=true`)).text()
  await post(`/api/jobs/${id}/replay`)
  await client.vectorStores.files.poll(store.id, file.id)
  await post('/api/jobs/replay', {
    kind: 'ingest-document',
    vector_store_id: store.id,
    error_code: 'file_malformed',
  })
  await client.vectorStores.files.poll(store.id, file.id)
  await post('/api/jobs/replay', { job_ids: [id] })
  await client.vectorStores.files.poll(store.id, file.id)
  await post('/api/jobs/replay', { all: true })
  await client.vectorStores.files.poll(store.id, file.id)
  await post(`/api/jobs/${id}/cancel`)
  await get('/api/queue')
  await get('/api/queue?tenants=all')
  await (await get(`/api/vector_stores/${store.id}/progress?stream=true`)).text()
  await client.vectorStores.delete(store.id)
  await client.files.delete(file.id)
}
