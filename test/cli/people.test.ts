import { expect, test } from 'vitest'
import { newPerson, openBrowser, PASSWORD } from '../http/person.ts'
import { useHttpWorld } from '../http/world.ts'
import { runCommand } from './run-command.ts'

const world = useHttpWorld()

const run = async (...argv: readonly string[]) => {
  const key = await world().newKey(['admin', 'operator'])
  return runCommand(['--api-key', key, ...argv], {
    url: world().url,
    readInput: () => Promise.resolve(PASSWORD),
    askSecret: (question) => Promise.resolve(question === 'Again: ' ? 'another' : PASSWORD),
  })
}

test('the first person is an owner, and signs in with the password from the pipe', async () => {
  const made = await run('admin', 'create', '--email', 'first@campus.example', '--password-stdin')
  const { body } = await openBrowser(world().url).signIn('first@campus.example')

  expect([made.code, made.out]).toEqual([
    0,
    expect.stringMatching(/^user_\w+ {2}first@.* owner\n$/),
  ])
  expect(body).toMatchObject({ user: { role: 'owner' } })
})

test('a password that was not typed twice makes nobody', async () => {
  const { code, err } = await run('admin', 'create', '--email', 'second@campus.example')

  expect([code, err]).toEqual([1, expect.stringContaining('not the same')])
  expect((await run('users')).out).not.toContain('second@campus.example')
})

test('a password that is too easy is refused with a sentence', async () => {
  const { code, err } = await runCommand(
    [
      '--api-key',
      await world().newKey(['operator']),
      'admin',
      'create',
      '--email',
      'a@b.example',
      '--password-stdin',
    ],
    { url: world().url, readInput: () => Promise.resolve('short') },
  )

  expect([code, err]).toEqual([1, expect.stringContaining('at least 12 characters')])
})

test('people are listed, given roles, disabled and enabled by their address', async () => {
  const { email } = await newPerson(world())
  const browser = openBrowser(world().url)
  expect((await run('users', 'role', email, 'editor')).out).toBe(`${email}  editor  active\n`)
  expect((await run('users', 'disable', email)).out).toBe(`${email}  editor  disabled\n`)
  expect((await browser.signIn(email)).status).toBe(401)
  expect((await run('users', 'enable', email)).out).toBe(`${email}  editor  active\n`)
  expect((await browser.signIn(email)).status).toBe(200)

  expect((await run('users', 'list')).out).toMatch(
    new RegExp(`user_\\w+ +${email} +editor +active`),
  )
})

test('the secret of an invitation goes to the output alone, and stands', async () => {
  const { out } = await run('users', 'invite', 'guest@campus.example', '--role', 'viewer')
  const secret = out.trim()
  const accept = { secret, name: 'Guest', password: PASSWORD }
  const { body } = await openBrowser(world().url).send('POST /auth/accept-invitation', accept)

  expect(body).toMatchObject({ user: { email: 'guest@campus.example', role: 'viewer' } })
})

test('a new password is set with the secret of a reset', async () => {
  const { email } = await newPerson(world())
  const secret = (await run('users', 'reset-password', email)).out.trim()
  const use = { secret, password: 'lantern gravel mosaic turnip' }

  expect((await openBrowser(world().url).send('POST /auth/reset-password', use)).status).toBe(200)
})

test('somebody who is not there is named', async () => {
  const { code, err } = await run('users', 'disable', 'nobody@campus.example')

  expect([code, err]).toEqual([
    1,
    expect.stringContaining('There is nobody “nobody@campus.example”.'),
  ])
})
