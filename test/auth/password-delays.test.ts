import { beforeAll, expect, test } from 'vitest'
import type { PeopleServices } from '../../src/auth/people-services.ts'
import type { Visit } from '../../src/auth/visit.ts'
import { createTenants } from '../../src/storage/tenants.ts'
import { createTenantDirectory } from '../../src/tenancy/tenant-directory.ts'
import { examplePeople } from '../example-people.ts'
import { onEveryBackend } from '../storage/backends.ts'

const PASSWORD = 'violet anchor soup ledger'
const HOME = '198.51.100.1'

onEveryBackend('delays of passwords', (world) => {
  let now = Date.parse('2026-11-21T12:00:00Z')
  let people: PeopleServices
  let tenantId: string
  let made = 0
  const pass = (milliseconds: number) => (now += milliseconds)

  beforeAll(async () => {
    tenantId = await world.newTenant()
    people = examplePeople({
      database: world.database,
      tenantDirectory: createTenantDirectory({ tenants: createTenants(world.backend.pool) }),
      tenantId,
      settings: { sessionsPerAddress: 2 },
      now: () => now,
    })
  })

  const newPerson = async () => {
    made += 1
    const email = `ada${made}@campus.example`
    await people.people.create(
      {
        tenantId,
        userId: null,
        role: null,
        scopes: ['operator'],
        actor: { kind: 'operator', id: null },
        visit: { address: null, requestId: 'req_1' },
      },
      { email, name: 'Someone', role: 'member', password: PASSWORD },
    )
    return email
  }
  const signIn = (email: string, password: string, from: Partial<Visit>) => {
    const visit = { requestId: 'req_1', address: HOME, userAgent: null, device: null, ...from }
    return people
      .passwordSignIn({ tenantId, email, password, visit }, (transaction, user) =>
        people.sessionKeeper.open(transaction, { user, method: 'password', visit }),
      )
      .then(
        (opened) => ({ code: 'signed in', wait: 0, opened }),
        (error: { code: string; retryAfterMs?: number }) => ({
          code: error.code,
          wait: error.retryAfterMs ?? 0,
          opened: null,
        }),
      )
  }
  const fail = async (email: string, times: number, from: Partial<Visit>) => {
    const answers: string[] = []
    for (let time = 0; time < times; time += 1)
      answers.push((await signIn(email, 'not the password', from)).code)
    return answers
  }

  test('five failures are free, then the wait doubles', async () => {
    const email = await newPerson()
    const from = { address: '203.0.113.1' }
    expect(await fail(email, 6, from)).toEqual(Array<string>(6).fill('unauthenticated'))
    const waits: number[] = []
    for (let time = 0; time < 4; time += 1) {
      const { wait } = await signIn(email, PASSWORD, from)
      waits.push(wait)
      pass(wait)
      await fail(email, 1, from)
    }

    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000])
  })

  test('however many try at the same moment, no more are looked at', async () => {
    const email = await newPerson()
    const from = { address: '203.0.113.2' }
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => signIn(email, 'not the password', from)),
    )
    const looked = answers.filter(({ code }) => code === 'unauthenticated')

    expect(looked).toHaveLength(6)
  })

  test('nobody is kept out where he usually is by those who fail elsewhere', async () => {
    const email = await newPerson()
    await signIn(email, PASSWORD, {})
    for (let each = 0; each < 130; each += 1) {
      await fail(email, 1, { address: `203.0.113.${(each % 60) + 10}` })
    }

    expect((await signIn(email, PASSWORD, {})).code).toBe('signed in')
  }, 120_000)

  test('a known device gets in beside somebody who fails at the same address', async () => {
    const email = await newPerson()
    const campus = { address: '192.0.2.1' }
    const { opened } = await signIn(email, PASSWORD, campus)
    await fail(email, 20, campus)

    expect((await signIn(email, PASSWORD, campus)).code).toBe('rate_limited')
    const mine = { ...campus, device: opened?.device ?? null }
    expect((await signIn(email, PASSWORD, mine)).code).toBe('signed in')
  })

  test('the device of one person is no device of another', async () => {
    const [one, other] = [await newPerson(), await newPerson()]
    const { opened } = await signIn(one, PASSWORD, { address: '192.0.2.2' })
    const from = { address: '192.0.2.3', device: opened?.device ?? null }
    await fail(other, 6, from)

    expect((await signIn(other, PASSWORD, from)).code).toBe('rate_limited')
  })

  test('who does not exist waits like everybody', async () => {
    const from = { address: '203.0.113.3' }

    expect((await fail('nobody@campus.example', 7, from)).at(-1)).toBe('rate_limited')
  })

  test('a success forgets the failures before', async () => {
    const email = await newPerson()
    const from = { address: '203.0.113.4' }
    await fail(email, 5, from)
    expect((await signIn(email, PASSWORD, from)).code).toBe('signed in')

    expect(await fail(email, 6, from)).not.toContain('rate_limited')
  })

  test('an address has only so many sessions, and they end unused', async () => {
    const from = { address: '203.0.113.5' }
    const email = await newPerson()
    const codes = await Promise.all([1, 2, 3].map(() => signIn(email, PASSWORD, from)))
    expect(codes.map(({ code }) => code).toSorted()).toEqual([
      'limit_reached',
      'signed in',
      'signed in',
    ])
    pass(25 * 3_600_000)

    expect((await signIn(email, PASSWORD, from)).code).toBe('signed in')
  })

  test('a session that is used goes on, one that is not ends, and none outlives its days', async () => {
    const email = await newPerson()
    const { opened } = await signIn(email, PASSWORD, { address: '203.0.113.6' })
    const secret = opened?.secret ?? ''
    for (let day = 0; day < 29; day += 1) {
      pass(23 * 3_600_000)
      expect(await people.sessionKeeper.find(secret)).not.toBeNull()
    }
    pass(3 * 23 * 3_600_000)
    expect(await people.sessionKeeper.find(secret)).toBeNull()
  })

  test('a session that was ended on another server ends here within five seconds', async () => {
    const email = await newPerson()
    const { opened } = await signIn(email, PASSWORD, { address: '203.0.113.7' })
    const secret = opened?.secret ?? ''
    await people.sessionKeeper.find(secret)
    await world.database.transact(tenantId, (transaction) =>
      transaction.query('delete from user_sessions where tenant_id = $1', [tenantId]),
    )
    world.takeStatements()
    expect(await people.sessionKeeper.find(secret)).not.toBeNull()
    expect(world.takeStatements()).toEqual([])
    pass(5_000)

    expect(await people.sessionKeeper.find(secret)).toBeNull()
  })
})
