import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readSchedule, readSettings } from '../../src/cli/source-options.ts'
import { useHttpWorld } from '../http/world.ts'
import { runCommand } from './run-command.ts'

const world = useHttpWorld('pglite', { jobs: true })
let folder = ''

beforeAll(async () => {
  folder = join(world().folder, 'sources', 'papers')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'a.txt'), 'a')
})

const sources = (...argv: string[]) =>
  runCommand(['--api-key', world().key, 'sources', ...argv], { url: world().url })

async function add(...more: string[]): Promise<string> {
  const { code, out, err } = await sources(
    'add',
    'papers',
    'folder',
    '--set',
    `path=${folder}`,
    ...more,
  )
  expect({ code, err: err.startsWith('ragstone:') ? err : '' }).toEqual({ code: 0, err: '' })
  return out.trim()
}

test('a source is added, into a store that is made for it', async () => {
  const id = await add('--name', 'minutes', '--every', '1h', '--ask-above', '0.2')
  const { out } = await sources('show', id)

  expect(id).toMatch(/^src_/)
  expect(out).toContain(folder)
  expect(out).toContain('every 3600 s')
  expect(out).toContain('more than 20 %')
})

test('what the server refuses is said', async () => {
  const { code, err } = await sources('add', 'papers', 'folder', '--set', 'path=/etc')

  expect(code).toBe(1)
  expect(err).toContain('sources.folder_roots')
})

test('sources are listed, as lines and as JSON', async () => {
  const id = await add()
  const table = await sources('list')
  const json = await sources('list', '--store', 'papers', '--json')

  expect(table.out).toContain(id)
  expect(
    json.out
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { id: string }).id),
  ).toContain(id)
})

test('a source is changed, paused, resumed and removed', async () => {
  const id = await add()
  const changed = await sources('update', id, '--cron', '0 3 * * *', '--time-zone', 'Europe/Zurich')
  expect(changed.out).toContain('0 3 * * * (Europe/Zurich)')
  expect((await sources('update', id, '--no-schedule', '--json')).out).toContain('"schedule":null')
  expect((await sources('pause', id)).out).toBe(`${id} paused\n`)
  expect((await sources('resume', id)).out).toBe(`${id} active\n`)
  expect((await sources('remove', id)).out).toContain('its documents stay')
  expect((await sources('show', id)).code).toBe(1)
})

test('one value stands for a list of one, where the kind takes a list', async () => {
  const id = await add('--set', 'include=*.txt')
  expect((await sources('show', id, '--json')).out).toContain('"include":["*.txt"]')
  const changed = ['--set', `path=${folder}`, '--set', 'exclude=*.md', '--json']
  expect((await sources('update', id, ...changed)).out).toContain('"exclude":["*.md"]')
})

test('a sync is begun, and said to be waiting', async () => {
  const id = await add('--set', 'watch=false')
  const { code, out } = await sources('sync', id, '--no-wait')

  expect(code).toBe(0)
  expect(out).toMatch(/^sync_\w+ queued\n$/)
  expect((await sources('syncs', id)).out).toContain('queued')
})

test('settings are JSON or text, and a list where they come again', () => {
  expect(
    readSettings(['path=/srv/a=b', 'watch=false', 'depth=3', 'include=*.md', 'include=*.txt']),
  ).toEqual({ path: '/srv/a=b', watch: false, depth: 3, include: ['*.md', '*.txt'] })
  expect(() => readSettings(['path'])).toThrow('name=value')
})

test('durations and expressions are schedules', () => {
  expect(readSchedule({ every: '15m' })).toEqual({ type: 'interval', every_seconds: 900 })
  expect(readSchedule({ cron: '0 3 * * *' })).toEqual({
    type: 'cron',
    cron: '0 3 * * *',
    time_zone: 'UTC',
  })
  expect(readSchedule({})).toBeUndefined()
  expect(() => readSchedule({ every: 'often' })).toThrow('15m')
  expect(() => readSchedule({ every: '1h', cron: '0 3 * * *' })).toThrow('not both')
})
