import { expect, test } from 'vitest'
import { countFailures, type RefusedSignIn } from './count-failures.ts'
import { createFailedAttempts } from './failed-attempts.ts'
import { Refusal } from './refusal.ts'
import { examplePrincipal } from '../../test/example-principal.ts'

function guarded() {
  const refused: RefusedSignIn[] = []
  const authenticate = countFailures(
    async ({ authorization }) => {
      if (authorization === 'good') return examplePrincipal('ten_1')
      throw new Refusal('not good', { account: 'key_1', tenantId: 'ten_1' })
    },
    { attempts: createFailedAttempts({ now: () => 0 }), onRefused: (each) => refused.push(each) },
  )
  const present = (authorization: string, address: string) =>
    authenticate({ authorization, address, method: 'GET', url: '/', headers: {} }).then(
      () => 'let in',
      (error: { code: string }) => error.code,
    )
  return { refused, present }
}

test('who fails too often from one address is told to wait', async () => {
  const { present } = guarded()
  const answers: string[] = []
  for (let each = 0; each < 5; each += 1) answers.push(await present('bad', '192.0.2.7'))

  expect(answers).toEqual([...Array<string>(4).fill('unauthenticated'), 'rate_limited'])
})

test('a good key never waits, not even where others fail', async () => {
  const { present } = guarded()
  for (let each = 0; each < 30; each += 1) await present('bad', '192.0.2.7')

  expect(await present('good', '192.0.2.7')).toBe('let in')
})

test('every failure is told of, with how many there were', async () => {
  const { present, refused } = guarded()
  await present('bad', '192.0.2.7')
  await present('bad', '192.0.2.7')

  expect(refused.at(-1)).toEqual({
    address: '192.0.2.7',
    account: 'key_1',
    tenantId: 'ten_1',
    failures: 2,
    reason: 'not good',
  })
})
