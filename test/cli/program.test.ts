import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  clock,
  freeDisk,
  machineChecks,
  nodeVersion,
  writable,
} from '../../src/cli/machine-checks.ts'
import { runChecks, type Check } from '../../src/cli/run-checks.ts'
import { timeLeft } from '../../src/cli/load-report.ts'
import { size } from '../../src/cli/terminal.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { fakeDeps, runCommand } from './run-command.ts'

const shell = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'ragstone-program-'))
afterAll(() => rm(folder, { recursive: true }))

describe('usage', () => {
  test.each([[['--help']], [['--version']], [['ask', '--help']]])(
    '%s is no failure',
    async (argv) => {
      expect((await runCommand(argv)).code).toBe(0)
    },
  )

  test.each([
    ['an unknown command', ['serv'], 'Did you mean serve?'],
    ['an unknown option', ['models', '--jsn'], 'Did you mean --json?'],
    ['a missing argument', ['ask'], "missing required argument 'question'"],
    ['a number out of range', ['search', 'x', '--limit', '99'], 'a whole number from 1 to 50'],
    ['a pair that is none', ['ingest', '.', '--attribute', 'x'], 'It must look like key=value.'],
  ])('%s gives exit code 2 and a hint', async (_, argv, hint) => {
    const { code, err } = await runCommand(argv)

    expect(code).toBe(2)
    expect(err).toContain(hint)
  })

  test('every command shows examples or subcommands in its help', async () => {
    const commands = buildProgram(fakeDeps()).commands.map((command) => command.name())
    const helps = await Promise.all(commands.map((name) => runCommand([name, '--help'])))

    expect(commands).toContain('doctor')
    expect(helps.filter((help) => !/Examples:|Commands:/.test(help.out))).toEqual([])
  })

  test('a wrong configuration is used wrongly', async () => {
    const wrong = Object.assign(new Error('The configuration is wrong:\n  - a\n  - b'), {
      name: 'ConfigError',
    })
    const config = () => {
      throw wrong
    }
    const { code, err } = await runCommand(['config'], { config })

    expect(code).toBe(2)
    expect(err).toBe('ragstone: The configuration is wrong:\n  - a\n  - b\n')
  })
})

test('options before the command reach it', async () => {
  const seen: object[] = []
  const serve = (options: object) => Promise.resolve(void seen.push(options))
  await runCommand(['--config', 'x.yaml', 'serve', '--port', '81'], { serve })

  expect(seen).toEqual([{ config: 'x.yaml', port: 81 }])
})

test('config is printed as YAML that reads back', async () => {
  const config = { server: { port: 1, host: 'a: b' } }
  const { out } = await runCommand(['config'], { config: () => config })

  expect(parse(out)).toEqual(config)
})

test('migrate names what it ran', async () => {
  const { out } = await runCommand(['migrate'], { migrate: () => Promise.resolve(['0001-a']) })

  expect(out).toBe('ran 0001-a\n')
})

describe('doctor', () => {
  const well = { name: 'one', run: () => Promise.resolve({ ok: true, detail: 'fine' }) }
  const ill = {
    name: 'two',
    run: () => Promise.resolve({ ok: false, detail: 'missing', advice: 'Install it.' }),
  }
  const broken = { name: 'three', run: () => Promise.reject(new Error('It broke.')) }
  const doctor = (checks: readonly Check[], ...argv: string[]) =>
    runCommand(['doctor', ...argv], { checks: () => Promise.resolve(checks) })

  test('says what is well and what to do about the rest', async () => {
    const { code, out } = await doctor([well, ill])

    expect(code).toBe(1)
    expect(out).toBe('✓ one: fine\n✗ two: missing\n  → Install it.\n')
  })

  test('warns without failing', async () => {
    const warned = { ...well, run: async () => ({ ok: true, detail: 'fine', advice: 'Look.' }) }

    expect(await doctor([warned])).toMatchObject({ code: 0, out: '! one: fine\n  → Look.\n' })
  })

  test('is content when all is well', async () => {
    expect((await doctor([well])).code).toBe(0)
  })

  test('goes on after a check that breaks', async () => {
    expect((await doctor([broken, well])).out).toMatch(/✗ three: It broke\.[^]*✓ one/)
  })

  test('speaks JSON', async () => {
    expect(JSON.parse((await doctor([well, ill], '--json')).out)).toMatchObject({
      ok: false,
      checks: [{ name: 'one' }, { name: 'two', advice: 'Install it.' }],
    })
  })

  test('finds this machine well', async () => {
    const results = await runChecks(machineChecks(join(folder, 'data')))

    expect(results.filter(({ ok }) => !ok)).toEqual([])
  })

  test('finds an old Node', async () => {
    expect(await nodeVersion('20.20.2').run()).toMatchObject({ ok: false })
  })

  test('finds a data directory that is a file', async () => {
    await writeFile(join(folder, 'file'), '')

    expect(await writable(join(folder, 'file')).run()).toMatchObject({ ok: false })
  })

  test('finds a full disk', async () => {
    expect(await freeDisk(folder, 1e18).run()).toMatchObject({ ok: false })
  })

  test('finds a clock in the past', async () => {
    expect(await clock(() => 0).run()).toMatchObject({ ok: false })
  })
})

describe('completion', () => {
  const completed = async (words: string) => {
    const { out } = await runCommand(['completion', 'bash'])
    await writeFile(join(folder, 'completion.bash'), out)
    const script = `source ${folder}/completion.bash
complete -p ragstone >/dev/null || exit 9
COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_ragstone_complete
printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await shell('bash', ['-c', script])
    return stdout.trim().split('\n')
  }

  test.each([
    ['ragstone in', ['ingest']],
    ['ragstone ask --st', ['--store']],
    ['ragstone --config x.yaml stores de', ['delete']],
    ['ragstone stores list --', ['--json', '--help']],
  ])('bash completes: %s', async (words, expected) => {
    expect(await completed(words)).toEqual(expected)
  })

  test('fish lists every command', async () => {
    const { out } = await runCommand(['completion', 'fish'])

    expect(out).toContain("complete -c ragstone -n '__fish_use_subcommand' -a ingest")
    expect(out).toContain(
      "-n '__fish_seen_subcommand_from stores; and __fish_seen_subcommand_from list' -l json",
    )
  })

  test('zsh has its own beginning', async () => {
    expect((await runCommand(['completion', 'zsh'])).out).toContain('bashcompinit')
  })
})

test.each([
  [10, 0, ''],
  [10, 0.5, 'about 10 s left'],
  [60, 0.25, 'about 3 min left'],
  [3600, 0.1, 'about 9 h left'],
  [10, 1, ''],
])('%d s for a share of %d: %s', (elapsed, share, text) => {
  expect(timeLeft(elapsed, share)).toBe(text)
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [123_456_789, '123 MB'],
])('%d bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text)
})
