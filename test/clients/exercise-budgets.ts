import type { RagstoneProcess } from '../ragstone-process.ts'
import type { Recorder } from './recorder.ts'

/** What was used so far, what may still be used, and a budget of a person's own. */
export async function exerciseBudgets(
  { url, key }: Pick<RagstoneProcess, 'key' | 'url'>,
  fetch: Recorder['fetch'],
): Promise<void> {
  const authorization = `Bearer ${key}`
  const json = { authorization, 'content-type': 'application/json' }
  const send = (method: string, path: string, body?: object) =>
    fetch(
      `${url}${path}`,
      body === undefined
        ? { method, headers: { authorization } }
        : { method, headers: json, body: JSON.stringify(body) },
    )
  const since = new Date().toISOString().slice(0, 10)
  await send('GET', `/api/usage?since=${since}&group_by=model,purpose&tenants=all`)
  await send('GET', `/api/usage?since=${since}&until=2100-01-01`)
  await send('PUT', '/api/budgets/users/*', {
    tokens_per_day: 50_000,
    tokens_per_month: null,
    cost_per_day: 0.5,
    cost_per_month: 5,
  })
  await send('GET', '/api/budgets/users')
  await send('GET', '/api/budgets')
  await send('DELETE', '/api/budgets/users/*')
}
