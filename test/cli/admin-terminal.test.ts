import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PASSWORD } from '../http/person.ts'

const MAIN = new URL('../../src/app/main.ts', import.meta.url).pathname
const CREATE = [MAIN, 'admin', 'create', '--email', 'ada@campus.example']
/** Of util-linux: runs a command at a terminal of its own. */
const hasTerminals = spawnSync('script', ['--version']).stdout?.includes('util-linux') === true

describe('ragstone admin create, at a terminal', { timeout: 120_000 }, () => {
  if (!hasTerminals) {
    test.skip('there is no `script` of util-linux, which gives a command a terminal')
    return
  }

  test('asks for the password twice, shows neither, and makes the person', async () => {
    const { shown, code } = await atTerminal(
      ['Password (12 characters or more): ', `${PASSWORD}\r`],
      ['Again: ', `${PASSWORD}\r`],
    )

    expect(shown).toMatch(/user_\w+ +ada@campus\.example +owner/)
    expect(shown).not.toContain(PASSWORD)
    expect(code).toBe(0)
  })

  test('makes nobody where the two are not the same', async () => {
    const { shown, code } = await atTerminal(
      ['Password (12 characters or more): ', `${PASSWORD}\r`],
      ['Again: ', 'another one entirely\r'],
    )

    expect(shown).toContain('The two passwords are not the same.')
    expect(code).toBe(1)
  })

  test('ends where it is interrupted', async () => {
    const { shown, code } = await atTerminal(['Password (12 characters or more): ', '\u0003'])

    expect(shown).not.toContain('Again')
    expect(code).toBe(130)
  })
})

test('without a terminal it says what to do instead', () => {
  const { status, stderr } = spawnSync(process.execPath, CREATE, { input: '', encoding: 'utf8' })

  expect([status, stderr]).toEqual([1, expect.stringContaining('--password-stdin')])
})

/** Types each answer when its question has been shown. */
async function atTerminal(...dialogue: readonly (readonly [question: string, answer: string])[]) {
  const directory = await mkdtemp(join(tmpdir(), 'ragstone-terminal-'))
  const command = [process.execPath, ...CREATE].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, RAGSTONE_DATA_DIRECTORY: directory, RAGSTONE_DATA_SAMPLES: 'false' },
  })
  let shown = ''
  const left = [...dialogue]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    const [question = '', answer = ''] = left[0] ?? []
    if (left.length === 0 || !shown.includes(question)) return
    left.shift()
    child.stdin.write(answer)
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  await rm(directory, { recursive: true, force: true })
  return { shown, code }
}
