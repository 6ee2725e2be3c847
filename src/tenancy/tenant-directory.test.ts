import { expect, test } from 'vitest'
import { DEFAULT_TENANT_SETTINGS, type Tenant } from '../core/tenant.ts'
import { createTenantDirectory } from './tenant-directory.ts'

const ACTIVE: Tenant = {
  id: 'ten_1',
  name: 'one',
  status: 'active',
  tier: 'free',
  limits: {},
  settings: DEFAULT_TENANT_SETTINGS,
  createdAt: new Date(0),
}

function oneTenant() {
  let tenant: Tenant | null = ACTIVE
  let now = 0
  let lookups = 0
  const find = async () => {
    lookups += 1
    return tenant
  }
  return {
    directory: createTenantDirectory({ tenants: { find }, now: () => now }),
    change: (changed: Tenant | null) => (tenant = changed),
    pass: (milliseconds: number) => (now += milliseconds),
    lookups: () => lookups,
  }
}

test('a tenant is looked up once in five seconds', async () => {
  const { directory, pass, lookups } = oneTenant()
  await directory.requireActive('ten_1')
  pass(4_999)
  await directory.requireActive('ten_1')

  expect(lookups()).toBe(1)
})

test('a suspended tenant is refused within five seconds', async () => {
  const { directory, change, pass } = oneTenant()
  await directory.requireActive('ten_1')
  change({ ...ACTIVE, status: 'suspended' })
  pass(5_000)

  await expect(directory.requireActive('ten_1')).rejects.toMatchObject({ code: 'tenant_suspended' })
})

test('a tenant that was told to be forgotten is refused at once', async () => {
  const { directory, change } = oneTenant()
  await directory.requireActive('ten_1')
  change(null)
  directory.forget('ten_1')

  await expect(directory.requireActive('ten_1')).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('a failed look-up is not remembered', async () => {
  let fail = true
  const directory = createTenantDirectory({
    tenants: {
      find: async () => {
        if (fail) throw new Error('away')
        return ACTIVE
      },
    },
  })
  await expect(directory.requireActive('ten_1')).rejects.toThrow('away')
  fail = false

  expect(await directory.requireActive('ten_1')).toEqual(ACTIVE)
})
