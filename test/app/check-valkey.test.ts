import { expect, test } from 'vitest'
import { checkValkey } from '../../src/app/check-valkey.ts'
import { describeOnValkey, VALKEY_URL } from '../valkey-server.ts'

const check = (url: string | null) => checkValkey({ valkey: { url, prefix: 'ragstone-test:' } })

test('where no Valkey is configured, the doctor says what that means', async () => {
  expect(await check(null)).toMatchObject({
    ok: true,
    detail: expect.stringContaining('in the one process') as string,
  })
})

test('where it cannot be reached, the doctor says what to do', async () => {
  expect(await check('redis://127.0.0.1:9')).toMatchObject({
    ok: false,
    advice: expect.stringContaining('mend valkey.url') as string,
  })
})

describeOnValkey('the doctor, where Valkey is there', () => {
  test('says so, and that it can do what is needed', async () => {
    expect(await check(VALKEY_URL ?? '')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^Valkey \S+, limits are shared$/) as string,
    })
  })
})
