import { expect, test } from 'vitest'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()

test('the reference page loads everything from this server', async () => {
  const { body } = await world().app.inject('/docs')
  const links = [...body.matchAll(/(?:src|href)="(?<link>[^"]+)"/g)].map(([, link]) => link ?? '')
  const answers = await Promise.all(links.map((link) => world().app.inject(link)))

  expect(links.length).toBeGreaterThan(3)
  expect(links.filter((link) => !link.startsWith('/'))).toEqual([])
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(links.map(() => 200))
})

test('the browser is told to load nothing from anywhere else', async () => {
  const { headers } = await world().app.inject('/docs')
  const policy = String(headers['content-security-policy'])

  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval/)
})

test('the styles name no address on the internet', async () => {
  const { body } = await world().app.inject('/docs/swagger-ui.css')

  expect(body).not.toMatch(/@import|url\(['"]?(?:https?:)?\/\//)
})

test.each(['package.json', 'swagger-ui.js', '__proto__', '..%2fpackage.json'])(
  'no other file is given out: %s',
  async (name) => {
    expect((await world().app.inject(`/docs/${name}`)).statusCode).toBe(404)
  },
)
