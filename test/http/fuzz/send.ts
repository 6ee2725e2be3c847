import type { Caller } from './callers.ts'

/** A call that must succeed: of those that set the scene. */
export async function send(
  { url, caller, call }: { readonly url: string; readonly caller: Caller; readonly call: string },
  body?: object,
): Promise<unknown> {
  const [method = '', path = ''] = call.split(' ')
  const headers = Object.fromEntries(
    caller.headers().map((line) => line.split(': ') as [string, string]),
  )
  const isForm = body instanceof FormData
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...headers,
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : isForm ? body : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${call} was answered ${response.status}: ${text}`)
  return JSON.parse(text) as unknown
}
