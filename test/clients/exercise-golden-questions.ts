import type { RagstoneProcess } from '../ragstone-process.ts'
import type { Recorder } from './recorder.ts'

/** What a store is judged by: added, said again, listed and deleted. */
export async function exerciseGoldenQuestions(
  { url, key }: Pick<RagstoneProcess, 'key' | 'url'>,
  fetch: Recorder['fetch'],
  storeId: string,
): Promise<void> {
  const all = `${url}/api/vector_stores/${storeId}/golden_questions`
  const authorization = `Bearer ${key}`
  const get = (query: string) => fetch(`${all}?${query}`, { headers: { authorization } })
  const add = (questions: readonly object[]) =>
    fetch(all, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ questions }),
    })

  const question = 'How many days of leave are there?'
  const expected = [{ file: 'handbook.md', quote: 'thirty days' }]
  const answer = await add([{ question, expected }, { question: 'When does the gate close?' }])
  const { data } = (await answer.json()) as { readonly data: readonly { readonly id: string }[] }
  const [first, second] = data.map(({ id }) => id)
  await add([{ question, expected: [{ file: 'handbook.md' }] }])
  await get('limit=10&order=asc')
  await get(`limit=1&after=${second}`)
  await get(`limit=1&before=${first}`)
  await fetch(`${all}/${first}`, { method: 'DELETE', headers: { authorization } })
}
