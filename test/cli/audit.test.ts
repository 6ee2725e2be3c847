import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AuditLine } from '../../src/core/audit-line.ts'
import { linesOf } from '../app/audit-receivers.ts'
import { useHttpWorld } from '../http/world.ts'
import { runCommand } from './run-command.ts'

// Against a real server: a log of its own for each test, with five entries that are sealed.

const world = useHttpWorld()
let folder = ''
let key = ''
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ragstone-audit-'))
})
afterAll(() => rm(folder, { recursive: true }))
const newPath = () => join(folder, `audit-${(files += 1)}.ndjson`)

const run = (...argv: string[]) =>
  runCommand(['--api-key', key, 'audit', ...argv], { url: world().url })
const post = (path: string, body: object) =>
  fetch(`${world().url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const NAMES = ['a', 'b', 'c', 'd', 'e']

beforeEach(async () => {
  key = await world().newTenantKey()
  for (const name of NAMES) await post('/v1/vector_stores', { name })
  await world().sealAudit()
})

describe('list', () => {
  const listed = async (...argv: string[]) =>
    linesOf((await run('list', '--json', ...argv)).out) as readonly AuditLine[]

  test('shows entries as a table, newest first', async () => {
    const { code, out } = await run('list', '--action', 'vector_store.*')
    const rows = out.trim().split('\n')

    expect(code).toBe(0)
    expect(rows[0]).toMatch(/^TIME \(UTC\) +OUTCOME +ACTION +ACTOR +FROM +TARGET$/)
    expect(rows).toHaveLength(6)
    expect(rows[1]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +done +vector_store\.create +key_\w+ +127\.0\.0\.1 +vs_\w+$/,
    )
  })

  test('gives one object a line as JSON, newest first', async () => {
    const found = await listed('--action', 'vector_store.create')

    expect(found.map(({ detail }) => detail['name'])).toEqual(NAMES.toReversed())
  })

  test('reads as many as are wanted', async () => {
    expect(await listed('--limit', '2')).toHaveLength(2)
  })

  test('leaves what the filters say', async () => {
    const [entry] = await listed('--action', 'vector_store.create')
    const found = async (...argv: string[]) => (await listed(...argv)).length
    const common = ['--action', 'vector_store.create']

    expect(await found(...common, '--outcome', 'done')).toBe(5)
    expect(await found(...common, '--outcome', 'refused')).toBe(0)
    expect(await found(...common, '--actor', entry?.actor.id ?? '')).toBe(5)
    expect(await found(...common, '--actor', 'key_other')).toBe(0)
    expect(await found(...common, '--target', entry?.target ?? '')).toBe(1)
    expect(await found(...common, '--request', entry?.request_id ?? '')).toBe(1)
    expect(await found(...common, '--address', '192.0.2.1')).toBe(0)
    expect(await found(...common, '--since', '2020-01-01')).toBe(5)
    expect(await found(...common, '--until', '2020-01-01')).toBe(0)
    expect(await found(...common, '--since', entry?.at ?? '')).toBe(1)
  })

  test('a time that is none is told as such', async () => {
    const { code, err } = await run('list', '--since', 'yesterday')

    expect([code, err]).toEqual([1, expect.stringContaining('since')])
  })

  test('says when there is nothing', async () => {
    const { out, err } = await run('list', '--action', 'nothing.happened')

    expect([out, err]).toEqual(['', 'There is no such entry.\n'])
  })
})

describe('verify', () => {
  const tenantId = async () => linesOf((await run('list', '--json')).out)[0]?.tenant_id ?? ''
  const third = async () => {
    const found = linesOf((await run('list', '--json', '--action', 'vector_store.create')).out)
    return { tenant: await tenantId(), id: found.find(({ position }) => position === 3)?.id ?? '' }
  }

  test('says how many entries were checked, and the hash to keep', async () => {
    const { code, out } = await run('verify')

    expect(code).toBe(0)
    expect(out).toMatch(
      /^5 entries checked\.\nNothing was altered, removed or put in\. The chain ends at 5 with\n[0-9a-f]{64}\n$/,
    )
  })

  test('says that the newest are not sealed yet', async () => {
    await post('/v1/vector_stores', { name: 'late' })

    expect((await run('verify')).out).toMatch(/^5 entries checked\.\n\d more were written just now/)
  })

  test('names the entry that was altered, and ends with 1', async () => {
    const { tenant, id } = await third()
    await world().asOwner(
      `update audit_log set actor_id = 'key_other' where tenant_id = $1 and id = $2`,
      [tenant, id],
    )
    const { code, out, err } = await run('verify')

    expect(code).toBe(1)
    expect(out).toMatch(new RegExp(`\naltered +3 +${id} +The entry at 3 is not as it was sealed`))
    expect(err).toContain('The audit log is not whole: 1 problem.')
  })

  test('names the entry whose hash was altered, and not the one after it', async () => {
    const { tenant, id } = await third()
    await world().asOwner(
      'update audit_chain set hash = sha256(hash) where tenant_id = $1 and entry_id = $2',
      [tenant, id],
    )
    const { out, err } = await run('verify')

    expect(out).toMatch(new RegExp(`\naltered +3 +${id} `))
    expect(err).toContain('1 problem.')
  })

  test.each([
    ['the entry', false],
    ['the entry and its link', true],
  ])('names the place where %s was removed', async (_, withLink) => {
    const { tenant, id } = await third()
    await world().asOwner('delete from audit_log where tenant_id = $1 and id = $2', [tenant, id])
    if (withLink) {
      const statement = 'delete from audit_chain where tenant_id = $1 and entry_id = $2'
      await world().asOwner(statement, [tenant, id])
    }
    const { code, out, err } = await run('verify')

    expect(code).toBe(1)
    expect(out).toMatch(/\nremoved +3 .* The entry at 3 is gone/)
    expect(err).toContain('1 problem.')
  })

  test('names the entry that was put in', async () => {
    const { tenant } = await third()
    await world().asOwner(
      `insert into audit_log (tenant_id, action, actor_kind, outcome) values ($1, 'file.delete', 'key', 'done')`,
      [tenant],
    )
    await world().asOwner('delete from audit_queue where tenant = $1', [tenant])
    const [forged] = linesOf((await run('list', '--json', '--action', 'file.delete')).out)
    const { code, out } = await run('verify')

    expect(code).toBe(1)
    expect(out).toMatch(new RegExp(`\ninserted +– +${forged?.id} `))
  })

  test('misses a hash that was noted before', async () => {
    const { code, out } = await run('verify', '--expect', 'a'.repeat(64))

    expect(code).toBe(1)
    expect(out).toMatch(/\nunexpected /)
  })

  test('gives the report as JSON, and ends with the same code', async () => {
    const { code, out } = await run('verify', '--json')

    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({ ok: true, sealed: 5, problems: [] }),
    ])
  })
})

describe('export', () => {
  const exported = async (...argv: string[]) => {
    const path = newPath()
    const { code, out } = await run('export', '--to', path, ...argv)
    expect(code).toBe(0)
    return { path, out, lines: (await readFile(path, 'utf8')).trimEnd().split('\n') }
  }
  /** Without any server. */
  const check = (path: string, ...argv: string[]) =>
    runCommand(['audit', 'verify', '--file', path, ...argv], { url: null })

  test('writes every sealed entry, with its hash, and refuses to write over a file', async () => {
    const { path, out, lines } = await exported()
    const again = await run('export', '--to', path)

    expect(out).toBe(`5 entries written to ${path}\n`)
    expect(lines).toHaveLength(7)
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('cannot be written') })
  })

  test('can be verified again without a server', async () => {
    const { path, lines } = await exported()
    const { hash } = JSON.parse(lines[5] ?? '') as AuditLine
    const { code, out } = await check(path, '--expect', hash ?? '')

    expect(code).toBe(0)
    expect(out).toContain(': 5 entries checked, 1 to 5.\nNothing was altered')
    expect(out).toContain(hash)
  })

  test('goes on where an earlier one ended', async () => {
    const { path, lines } = await exported('--after', '3')

    expect(linesOf(lines.slice(1, -1).join('\n')).map(({ position }) => position)).toContain(4)
    expect((await check(path)).out).toContain(' checked, 4 to ')
  })

  test('says of an entry that is gone that it is gone', async () => {
    const tenant = (JSON.parse((await exported()).lines[1] ?? '') as AuditLine).tenant_id
    await world().asOwner(
      'delete from audit_log where tenant_id = $1 and id = (select entry_id from audit_chain where tenant_id = $1 and position = 2)',
      [tenant],
    )
    const { path } = await exported()
    const { code, out } = await check(path)

    expect(code).toBe(1)
    expect(out).toMatch(/\nremoved +2 +\S+ +The entry at 2 is gone\./)
  })

  const alter = (text: string, member: string): string => {
    const line = JSON.parse(text) as Record<string, unknown>
    const value = line[member]
    if (member === 'actor') return JSON.stringify({ ...line, actor: { kind: 'key', id: 'other' } })
    if (member === 'detail') return JSON.stringify({ ...line, detail: { other: 1 } })
    return JSON.stringify({ ...line, [member]: value === 'other' ? 'another' : 'other' })
  }
  const MEMBERS = [
    'id',
    'tenant_id',
    'at',
    'action',
    'actor',
    'target',
    'outcome',
    'request_id',
    'address',
    'detail',
    'hash',
  ]

  test('whatever is changed in one line is found, and the line is named', async () => {
    const { lines } = await exported()
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(...MEMBERS),
        async (at, member) => {
          const path = newPath()
          await writeFile(path, lines.with(at, alter(lines[at] ?? '', member)).join('\n'))
          const { code, out } = await check(path, '--json')
          const { problems } = JSON.parse(out) as { problems: readonly { position: number }[] }

          expect(code).toBe(1)
          expect(problems.map(({ position }) => position)).toContain(
            member === 'tenant_id' && at === 5 ? 4 : at,
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  test.each<[string, (lines: readonly string[]) => readonly string[], RegExp]>([
    ['taken out', (lines) => lines.toSpliced(3, 1), /\nremoved +3 /],
    ['taken out at the end', (lines) => lines.toSpliced(5, 1), /\ncut +4 /],
    ['put in', (lines) => lines.toSpliced(3, 0, alter(lines[2] ?? '', 'target')), /\ninserted +2 /],
    [
      'put in without a place',
      (lines) => {
        const forged = { ...Object(JSON.parse(lines[2] ?? '')), position: null, hash: null }
        return lines.toSpliced(3, 0, JSON.stringify(forged))
      },
      /\ninserted +– /,
    ],
    [
      'exchanged',
      (lines) => lines.with(2, lines[3] ?? '').with(3, lines[2] ?? ''),
      /\nremoved +2 /,
    ],
    ['cut off with all after it', (lines) => lines.slice(0, 4), /\ncut +3 /],
  ])('a line that is %s is found', async (_, change, problem) => {
    const { lines } = await exported()
    const path = newPath()
    await writeFile(path, change(lines).join('\n'))
    const { code, out } = await check(path)

    expect(code).toBe(1)
    expect(out).toMatch(problem)
  })

  test("a sink's file is verified too: entries that came twice, and a line that was cut short", async () => {
    const { lines } = await exported()
    const entries = lines.slice(1, -1)
    const path = newPath()
    const twice = [...entries.slice(0, 3), '{"object":"audit.en', ...entries.slice(1)]
    await writeFile(path, `${twice.join('\n')}\n`)
    const { code, out, err } = await check(path)

    expect(code).toBe(0)
    expect(out).toContain(': 5 entries checked, 1 to 5.')
    expect(err).toContain('1 line passed over that are no entries: 4')
  })

  test('a file with no entries proves nothing', async () => {
    const path = newPath()
    await writeFile(path, 'hello\n')

    expect((await check(path)).code).toBe(1)
    expect((await check(newPath())).err).toContain('cannot be read')
  })
})
