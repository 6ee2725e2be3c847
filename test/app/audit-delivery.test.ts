import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startAuditWork, type AuditWork } from '../../src/app/audit-work.ts'
import { createAuditSink } from '../../src/app/audit-sinks.ts'
import type { AuditLine } from '../../src/core/audit-line.ts'
import { createAuditLog } from '../../src/storage/audit-log.ts'
import { createAuditOutbox } from '../../src/storage/audit-outbox.ts'
import { createAuditSeals } from '../../src/storage/audit-seals.ts'
import { createAuditVerification } from '../../src/storage/audit-verification.ts'
import { onEveryBackend } from '../storage/backends.ts'
import {
  linesOf,
  startHttpReceiver,
  startTcpReceiver,
  startUdpReceiver,
  until,
  type Mood,
  type MoodyReceiver,
} from './audit-receivers.ts'

const FAST = { soonMs: 5, everyMs: 50, mostMs: 40, graceMs: 500 }
const SETTINGS = { file: null, url: null, token: null, batchSize: 7, timeoutSeconds: 1 }

onEveryBackend('what hands the audit log on', (world) => {
  let folder = ''
  const closing: (() => Promise<void>)[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ragstone-audit-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close()
    await createAuditOutbox(world.backend.pool).clear()
  })

  const log = createAuditLog()
  const note = (tenant: string, target: string) =>
    world.database.transact(tenant, (transaction) =>
      log.append(transaction, {
        action: 'file.delete',
        actor: { kind: 'key', id: 'key_1' },
        target,
        outcome: 'done',
        requestId: 'req_1',
        address: '127.0.0.1',
        detail: { text: 'Grüße\n' },
      }),
    )
  const start = (
    settings: Partial<Parameters<typeof createAuditSink>[0]>,
    { alone = false } = {},
  ): AuditWork => {
    const work = startAuditWork({
      seals: createAuditSeals(world.backend.pool),
      outbox: createAuditOutbox(world.backend.pool),
      sink: createAuditSink({ ...SETTINGS, sink: 'none', ...settings }, null),
      keep: true,
      alone,
      batchSize: SETTINGS.batchSize,
      claimSeconds: 60,
      logger: pino({ level: 'silent' }),
      timing: FAST,
    })
    closing.push(() => work.stop())
    return work
  }
  const closeLater = <Closable extends { close(): Promise<void> }>(opened: Closable): Closable => {
    closing.push(() => opened.close())
    return opened
  }
  const names = (count: number) => Array.from({ length: count }, (_, index) => `file-${index}`)

  /** Notes the targets one after the other, and waits until all of them have arrived. */
  async function noteAll(tenant: string, targets: readonly string[], work: AuditWork) {
    for (const target of targets) {
      await note(tenant, target)
      work.wake()
    }
  }
  const arrived = (lines: readonly AuditLine[], tenant: string) =>
    lines.filter((line) => line.tenant_id === tenant)
  const firstSeen = (lines: readonly AuditLine[]) => [
    ...new Set(lines.map(({ position }) => position)),
  ]

  test('a file has every entry, in the order of the chain', async () => {
    const [tenant, path] = [await world.newTenant(), join(folder, 'whole.ndjson')]
    const work = start({ sink: 'file', file: path })
    await noteAll(tenant, names(30), work)
    const read = async () => arrived(linesOf(await readFile(path, 'utf8').catch(() => '')), tenant)
    await until(async () => (await read()).length === 30)

    expect((await read()).map(({ target }) => target)).toEqual(names(30))
    expect((await read()).map(({ position }) => position)).toEqual(names(30).map((_, n) => n + 1))
  })

  test('a file that is moved away is begun anew, and nothing is in neither', async () => {
    const [tenant, path] = [await world.newTenant(), join(folder, 'moved.ndjson')]
    const work = start({ sink: 'file', file: path })
    const count = async (file: string) =>
      arrived(linesOf(await readFile(file, 'utf8').catch(() => '')), tenant)
    await noteAll(tenant, names(5), work)
    await until(async () => (await count(path)).length === 5)
    await rename(path, `${path}.1`)
    await noteAll(tenant, ['late'], work)
    await until(async () => (await count(path)).length === 1)

    expect(
      [...(await count(`${path}.1`)), ...(await count(path))].map((line) => line.target),
    ).toEqual([...names(5), 'late'])
  })

  test('a line that was cut short spoils none after it', async () => {
    const [tenant, path] = [await world.newTenant(), join(folder, 'cut.ndjson')]
    await writeFile(path, '{"object":"audit.en')
    const work = start({ sink: 'file', file: path })
    await noteAll(tenant, ['file-1'], work)
    const lines = async () => (await readFile(path, 'utf8')).split('\n').slice(1, -1)
    await until(async () => (await lines()).length === 1)

    expect(JSON.parse((await lines())[0] ?? '')).toMatchObject({ target: 'file-1' })
  })

  test('UDP syslog gets RFC 5424 messages, in the order of the chain', async () => {
    const [tenant, receiver] = [await world.newTenant(), closeLater(await startUdpReceiver())]
    const work = start({ sink: 'syslog', url: `udp://127.0.0.1:${receiver.port}` })
    await noteAll(tenant, names(20), work)
    await until(() => arrived(receiver.taken, tenant).length === 20)

    expect(arrived(receiver.taken, tenant).map(({ target }) => target)).toEqual(names(20))
    expect(receiver.texts[0]).toMatch(
      /^<110>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ ragstone \d+ file\.delete - \uFEFF\{/,
    )
  })

  test('an entry too long for a datagram goes without its detail, and holds nobody up', async () => {
    const [tenant, receiver] = [await world.newTenant(), closeLater(await startUdpReceiver())]
    const work = start({ sink: 'syslog', url: `udp://127.0.0.1:${receiver.port}` })
    await world.database.transact(tenant, (transaction) =>
      log.append(transaction, {
        action: 'question.ask',
        actor: { kind: 'key', id: 'key_1' },
        target: 'long',
        outcome: 'done',
        requestId: null,
        address: null,
        detail: { question: 'x'.repeat(80_000) },
      }),
    )
    await noteAll(tenant, ['short'], work)
    await until(() => arrived(receiver.taken, tenant).length === 2)

    expect(arrived(receiver.taken, tenant).map(({ target, detail }) => [target, detail])).toEqual([
      ['long', { left_out_bytes: expect.any(Number) }],
      ['short', { text: 'Grüße\n' }],
    ])
  })

  const moody: readonly (readonly [
    string,
    () => Promise<MoodyReceiver>,
    (port: number) => Partial<Parameters<typeof createAuditSink>[0]>,
  ])[] = [
    [
      'TCP syslog',
      startTcpReceiver,
      (port) => ({ sink: 'syslog', url: `tcp://127.0.0.1:${port}` }),
    ],
    [
      'HTTP',
      startHttpReceiver,
      (port) => ({ sink: 'http', url: `http://127.0.0.1:${port}/audit` }),
    ],
  ]
  const moods: readonly Mood[] = ['fail', 'hang', 'cut']

  test.for(
    moody.flatMap(([name, open, settings]) =>
      moods.map((mood) => [name, mood, open, settings] as const),
    ),
  )(
    '%s that is to %s and comes back has everything, in the order of the chain',
    async ([, mood, open, settings]) => {
      const [tenant, receiver] = [await world.newTenant(), closeLater(await open())]
      const work = start(settings(receiver.port))
      await noteAll(tenant, names(10), work)
      await until(() => arrived(receiver.taken, tenant).length >= 10)
      receiver.mood = mood
      const before = receiver.tries
      await noteAll(tenant, names(20).slice(10), work)
      await until(() => receiver.tries >= before + 2)
      receiver.mood = 'take'
      await noteAll(tenant, ['last'], work)
      await until(() => arrived(receiver.taken, tenant).some(({ target }) => target === 'last'))

      const targets = arrived(receiver.taken, tenant).map(({ target }) => target)
      expect([...new Set(targets)]).toEqual([...names(20), 'last'])
      expect(firstSeen(arrived(receiver.taken, tenant))).toEqual(names(21).map((_, n) => n + 1))
    },
  )

  test('a collector that is not there yet has everything once it is', async () => {
    const tenant = await world.newTenant()
    const reserved = await startTcpReceiver()
    await reserved.close()
    const work = start({ sink: 'syslog', url: `tcp://127.0.0.1:${reserved.port}` })
    await noteAll(tenant, names(9), work)
    await until(() => (work.state().failures ?? 0) > 1)
    const receiver = closeLater(await startTcpReceiver(reserved.port))
    await until(() => arrived(receiver.taken, tenant).length >= 9)

    expect(arrived(receiver.taken, tenant).map(({ target }) => target)).toEqual(names(9))
  })

  test('while a collector says nothing, entries are written and sealed all the same, and the backlog shows', async () => {
    const [tenant, receiver] = [await world.newTenant(), closeLater(await startHttpReceiver())]
    receiver.mood = 'hang'
    const work = start({ sink: 'http', url: receiver.url, timeoutSeconds: 3_600 })
    await noteAll(tenant, ['first'], work)
    await until(() => receiver.tries === 1)
    // The first batch is on its way, and nobody answers: none of what follows waits for it.
    await noteAll(tenant, names(20), work)
    const verify = createAuditVerification(world.backend.pool)
    await until(async () => (await verify(tenant, null)).waiting === 0)
    await until(() => work.state().undelivered === 21)

    expect(await verify(tenant, null)).toMatchObject({ sealed: 21, problems: [] })
    expect(work.state()).toMatchObject({ unsealed: 0, oldest: expect.any(Date) })
    expect([receiver.tries, receiver.taken]).toEqual([1, []])
  })

  test('failures are counted while they last', async () => {
    const [tenant, receiver] = [await world.newTenant(), closeLater(await startHttpReceiver())]
    receiver.mood = 'fail'
    const work = start({ sink: 'http', url: receiver.url })
    await noteAll(tenant, ['one'], work)
    await until(() => (work.state().failures ?? 0) >= 2)
    receiver.mood = 'take'
    await until(() => work.state().failures === 0)

    expect(work.state()).toMatchObject({ undelivered: 0, oldest: null })
  })

  test('of two servers one hands on at a time, so that the order is kept', async () => {
    const receiver = closeLater(await startHttpReceiver())
    const tenants = [await world.newTenant(), await world.newTenant()]
    const works = [0, 1].map(() => start({ sink: 'http', url: receiver.url }))
    await Promise.all(
      tenants.map(async (tenant, index) => {
        for (const target of names(40)) {
          await note(tenant, target)
          works[index]?.wake()
        }
      }),
    )
    await until(() => tenants.every((tenant) => arrived(receiver.taken, tenant).length >= 40))

    for (const tenant of tenants) {
      expect(arrived(receiver.taken, tenant).map(({ position }) => position)).toEqual(
        names(40).map((_, n) => n + 1),
      )
    }
  })

  test.each([
    ['another one sends when it has waited', 1, false],
    ['the next one sends at once where nobody else has the database open', 3_600, true],
  ])('what a server had on its way as it died, %s', async (_, seconds, alone) => {
    const [tenant, receiver] = [await world.newTenant(), closeLater(await startHttpReceiver())]
    const [seals, outbox] = [
      createAuditSeals(world.backend.pool),
      createAuditOutbox(world.backend.pool),
    ]
    for (const target of names(4)) await note(tenant, target)
    await seals.seal(100, { keep: true })
    expect(await outbox.claim(2, seconds)).toHaveLength(2)
    const work = start({ sink: 'http', url: receiver.url }, { alone })
    await noteAll(tenant, ['later'], work)
    await until(() => arrived(receiver.taken, tenant).length >= 5)

    expect(arrived(receiver.taken, tenant).map(({ target }) => target)).toEqual([
      ...names(4),
      'later',
    ])
  })

  test('what was written as the server was stopped is told at the next start', async () => {
    const [tenant, receiver] = [await world.newTenant(), closeLater(await startHttpReceiver())]
    receiver.mood = 'fail'
    const first = start({ sink: 'http', url: receiver.url })
    await noteAll(tenant, names(8), first)
    await until(() => (first.state().failures ?? 0) > 0)
    await first.stop()
    receiver.mood = 'take'
    start({ sink: 'http', url: receiver.url })
    await until(() => arrived(receiver.taken, tenant).length >= 8)

    expect(firstSeen(arrived(receiver.taken, tenant))).toEqual(names(8).map((_, n) => n + 1))
  })

  test('what is written last is told before the server ends', async () => {
    const [tenant, path] = [await world.newTenant(), join(folder, 'end.ndjson')]
    const work = start({ sink: 'file', file: path })
    await note(tenant, 'last words')
    await work.stop()

    expect(arrived(linesOf(await readFile(path, 'utf8')), tenant)).toMatchObject([
      { target: 'last words' },
    ])
  })
})

test('standard output has every entry as a line, though nobody reads it for a while', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER], {
    cwd: new URL('../..', import.meta.url).pathname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = linesOf((await Array.fromAsync(child.stdout.setEncoding('utf8'))).join(''))

  expect(lines.map(({ position }) => position)).toEqual(
    Array.from({ length: 2_000 }, (_, index) => index + 1),
  )
})

/** More than a pipe holds. */
const WRITER = `
import { createStreamSink } from './src/telemetry/audit/stream-sink.ts'
const sink = createStreamSink({ stream: process.stdout })
for (let batch = 0; batch < 20; batch += 1) {
  const records = Array.from({ length: 100 }, (_, index) => ({
    tenantId: 'ten_1', id: '1', at: '', action: 'file.delete', actor: { kind: 'key', id: 'key_1' }, target: null,
    outcome: 'done', requestId: null, address: null, detail: { text: 'x'.repeat(200) },
    seal: { position: batch * 100 + index + 1, hash: '' },
  }))
  await sink.deliver(records, new AbortController().signal)
}
await sink.close()
`
