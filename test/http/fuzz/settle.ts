import { PASSWORD } from '../person.ts'
import type { Callers } from './callers.ts'
import { send } from './send.ts'

interface Made {
  readonly id: string
  readonly secret: string
}

let generation = 0

/** One of everything that has an id; what was answered. */
export async function settle(
  url: string,
  { main, operator, nobody }: Pick<Callers, 'main' | 'nobody' | 'operator'>,
): Promise<readonly unknown[]> {
  generation += 1
  const answers: unknown[] = []
  const take = async (call: string, body?: object, caller = main): Promise<Made> => {
    const answer = (await send({ url, caller, call }, body)) as Made
    answers.push(answer)
    return answer
  }
  const form = new FormData()
  form.set('purpose', 'assistants')
  form.set('file', new Blob([`Every employee has ${generation} days of leave.\n`]), 'handbook.md')
  const file = await take('POST /v1/files', form)
  const store = await take('POST /v1/vector_stores', {
    name: 'Office',
    metadata: { kind: 'rules' },
  })
  const inStore = `/v1/vector_stores/${store.id}`
  await take(`POST ${inStore}/files`, {
    file_id: file.id,
    attributes: { kind: 'rules', year: 2026 },
  })
  await take(`POST ${inStore}/file_batches`, { file_ids: [file.id] })
  const said = { type: 'message', role: 'user', content: 'How many days of leave?' }
  const talk = await take('POST /v1/conversations', { items: [said] })
  await take(`GET /v1/conversations/${talk.id}/items`)
  await take('POST /v1/responses', { model: 'extractive', input: 'How many days of leave?' })
  const guest = { email: `person${generation}@campus.example`, role: 'member' }
  const { secret } = await take('POST /api/invitations', guest)
  const accepted = { secret, name: 'Ada', password: PASSWORD }
  await take('POST /auth/accept-invitation', accepted, nobody)
  await take('POST /api/keys', { name: 'spare', scopes: ['read'] })
  await take('POST /api/invitations', {
    email: `guest${generation}@campus.example`,
    role: 'viewer',
  })
  await take('POST /api/tenants', { name: `spare ${generation}` }, operator)
  return answers
}
