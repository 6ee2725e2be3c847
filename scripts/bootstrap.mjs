// What a fresh clone runs first: plain JavaScript, Node 20 or newer, nothing installed.
// npm under Node 20 silently leaves out packages that ask for more and picks old majors of others,
// so Node 24 is brought first and everything else is installed, and run, under it.
import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Unable, explainFailure, locateNpm, withInstallLock } from './install-support.mjs'
import { RUNTIMES, lockHash, readJson } from './runtime-pins.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const RUNTIME = join(ROOT, '.runtime')
const STAMP = join(ROOT, 'node_modules', '.installed.json')
const MINIMUM = 24
// npm's own patience with a registry that does not answer is over a minute.
const QUIET = [
  '--no-audit',
  '--no-fund',
  '--fetch-retry-mintimeout=2000',
  '--fetch-retry-maxtimeout=8000',
]
const UNDER_NPM = process.env.npm_lifecycle_event !== undefined
const CHECKS = ['format:check', 'lint', 'types', 'dead']
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
const MAIN = join(ROOT, 'src', 'app', 'main.ts')

function say(sentence) {
  process.stderr.write(`${sentence}\n`)
}

/** The Node to run everything with: this one if it is new enough, otherwise the pinned one, brought if need be. */
async function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= MINIMUM) return process.execPath
  const pin = RUNTIMES[`${process.platform}-${process.arch}`]
  if (pin === undefined) {
    throw new Unable(
      `Ragstone needs Node ${MINIMUM}, and this is ${process.version}. There is no package of it for ` +
        `${process.platform} on ${process.arch}: install it from nodejs.org, then run this again.`,
    )
  }
  const node = join(RUNTIME, 'node_modules', pin.name, pin.binary)
  const stamp = join(RUNTIME, 'installed.json')
  const installed = () => existsSync(node) && readJson(stamp)?.integrity === pin.integrity
  if (!installed()) {
    await withInstallLock({ folder: RUNTIME, say }, async () => {
      if (!installed()) await bringNode(pin, stamp)
    })
  }
  return node
}

async function bringNode(pin, stamp) {
  say(
    `Node ${MINIMUM} is needed and this is ${process.version}: bringing ${pin.version} into .runtime (once)…`,
  )
  rmSync(stamp, { force: true })
  const args = ['install', `${pin.name}@${pin.version}`, '--prefix', RUNTIME, '--no-save']
  await runNpm(process.execPath, [...args, '--ignore-scripts'])
  const listed = readJson(join(RUNTIME, 'node_modules', '.package-lock.json'))
  if (listed?.packages?.[`node_modules/${pin.name}`]?.integrity !== pin.integrity) {
    rmSync(join(RUNTIME, 'node_modules'), { recursive: true, force: true })
    throw new Unable(
      `${pin.name} ${pin.version} is not the file that it should be; it was removed again.`,
    )
  }
  writeFileSync(stamp, JSON.stringify({ integrity: pin.integrity }))
}

async function installPackages(node) {
  const wanted = { lock: lockHash(ROOT), platform: `${process.platform}-${process.arch}` }
  const installed = () => {
    const stamp = readJson(STAMP)
    return stamp?.lock === wanted.lock && stamp.platform === wanted.platform
  }
  if (installed()) return
  await withInstallLock({ folder: RUNTIME, say }, async () => {
    if (installed()) return
    say('Installing packages (about half a minute, once)…')
    rmSync(STAMP, { force: true })
    // Not `npm ci`: npm 11 refuses a lock that lacks a foreign platform's optional packages.
    // Everything in the lock is taken from it, and what is optional is pinned exactly by its parent.
    const args = ['install', '--no-save', '--ignore-scripts', '--include=dev']
    await runNpm(node, args)
    // Written last: an interrupted installation is done again.
    writeFileSync(STAMP, JSON.stringify(wanted))
    say('Installed.')
  })
}

/** The environment in which `node` and what npm runs are the Node that was found. */
function environmentFor(node) {
  return {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
    // Its install script would fetch a CUDA part from a place that is not the registry.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  }
}

function runNpm(node, args) {
  const npm = locateNpm()
  const [command, first] = npm.script === undefined ? [npm.command, []] : [node, [npm.script]]
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args, ...QUIET], {
      cwd: ROOT,
      env: environmentFor(node),
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: npm.script === undefined && process.platform === 'win32',
    })
    let output = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-20_000)
    })
    child.on('error', (error) => reject(new Unable(`npm could not be started: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Unable(explainFailure(output, signal ?? `exit code ${code}`)))
    })
  })
}

/** Resolves with what `process.exit` takes; a signal counts as shells count it. */
function run(node, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { stdio: 'inherit', env: environmentFor(node) })
    const forward = (signal) => child.kill(signal)
    // A terminal sends Ctrl-C to the child as well: twice would mean “at once”.
    const forwardInterrupt = () => process.stdin.isTTY || child.kill('SIGINT')
    process.on('SIGTERM', forward).on('SIGHUP', forward).on('SIGINT', forwardInterrupt)
    // npm passes a signal on to its shell alone: when that is gone, nobody is left who asked for this.
    const parent = process.ppid
    const watch = setInterval(() => {
      if (!UNDER_NPM || process.ppid === parent) return
      clearInterval(watch)
      child.kill('SIGTERM')
    }, 250)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGHUP', forward).off('SIGINT', forwardInterrupt)
      clearInterval(watch)
      resolve(signal === null ? code : 128 + constants.signals[signal])
    })
  })
}

/** Becomes the other program where that can be done, so that no process stands between. */
function become(node, args) {
  const replaceable = process.platform !== 'win32' && !UNDER_NPM
  if (replaceable && typeof process.execve === 'function') {
    process.execve(node, [node, ...args], environmentFor(node))
  }
  return run(node, args)
}

/** One of package.json's scripts, under the Node that was found. */
function runScript(node, name, args = []) {
  const { script } = locateNpm()
  if (script === undefined) throw new Unable('npm was not found: it comes with Node.')
  return run(node, [script, 'run', '--silent', name, '--', ...args])
}

async function check(node, args) {
  const failed = []
  for (const name of CHECKS) {
    say(`\n— ${name}`)
    if ((await runScript(node, name)) !== 0) failed.push(name)
  }
  say('\n— tests')
  if ((await run(node, [VITEST, 'run', ...args])) !== 0) failed.push('tests')
  say(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`)
  return failed.length === 0 ? 0 : 1
}

const TARGETS = {
  start: (node, args) => become(node, [MAIN, 'serve', ...args]),
  run: (node, args) => become(node, [MAIN, ...args]),
  test: (node, args) => inRoot(() => become(node, [VITEST, 'run', ...args])),
  check: (node, args) => inRoot(() => check(node, args)),
  script: (node, [name, ...args]) => inRoot(() => runScript(node, name, args)),
  install: () => 0,
}

function inRoot(work) {
  process.chdir(ROOT)
  return work()
}

async function bootstrap([name = 'start', ...args]) {
  const target = Object.hasOwn(TARGETS, name) ? TARGETS[name] : undefined
  if (target === undefined) {
    say(`Say what to do: node scripts/bootstrap.mjs ${Object.keys(TARGETS).join(' | ')}`)
    return 2
  }
  try {
    const node = await findNode()
    await installPackages(node)
    return await target(node, args)
  } catch (error) {
    if (!(error instanceof Unable)) throw error
    say(error.message)
    return 1
  }
}

process.exitCode = await bootstrap(process.argv.slice(2))
