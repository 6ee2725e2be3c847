const VERBS: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
}

/**
 * What the audit log calls a route that has no name of its own for it: `POST /v1/vector_stores/:id/files` is
 * `vector_store.file.create`, `POST /v1/responses/:id/cancel` is `response.cancel`.
 */
export function auditAction(method: string, url: string): string {
  const segments = url.split('/').filter((segment) => !['', 'api', 'v1'].includes(segment))
  const ofOne = segments.at(-1)?.startsWith(':') === true
  const verb = ofOne && method === 'POST' ? 'update' : (VERBS[method] ?? method.toLowerCase())
  const nouns = segments.filter((segment) => !segment.startsWith(':'))
  const last = segments.at(-1) ?? ''
  // Behind an id stands the name of a part, which is plural, or of something to be done, which is not.
  const isDone = method !== 'GET' && segments.length > 1 && !ofOne && !last.endsWith('s')
  const words = nouns.map(singular)
  return [...words, ...(isDone ? [] : [verb])].join('.')
}

function singular(noun: string): string {
  return noun.replace(/(?<=ch)es$|(?<!s)s$/, '').replaceAll('-', '_')
}
