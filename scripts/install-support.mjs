// What an installation needs around it: npm, a lock against a second one, and words for what went wrong.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 20 * 60_000
const POLL_MS = 300

/** A failure whose message says all that its reader needs. */
export class Unable extends Error {}

/** npm's own script where it can be found, so that it can be run by any Node; otherwise its command. */
export function locateNpm() {
  const beside = dirname(process.execPath)
  const candidates = [
    process.env.npm_execpath,
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'npm')),
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ]
  for (const candidate of candidates) {
    if (candidate === undefined || !existsSync(candidate)) continue
    const script = realpathSync(candidate)
    // npm_execpath may be another package manager's.
    if (basename(script) === 'npm-cli.js') return { script, command: 'npm' }
  }
  return { script: undefined, command: 'npm' }
}

/** Runs `work` while no other process installs into the same folder. */
export async function withInstallLock({ folder, say }, work) {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'install.lock')
  const deadline = Date.now() + PATIENCE_MS
  for (let told = false; !take(path); told = true) {
    if (abandoned(path)) rmSync(path, { force: true })
    else if (Date.now() > deadline) {
      throw new Unable(
        `Another installation has not ended in 20 minutes. If none is running, delete ${path}.`,
      )
    } else {
      if (!told) say('Another command is installing; waiting for it…')
      await sleep(POLL_MS)
    }
  }
  const release = () => rmSync(path, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Its owner is gone, or died before it could write its name. */
function abandoned(path) {
  try {
    const owner = Number(readFileSync(path, 'utf8'))
    if (!(owner > 0)) return Date.now() - statSync(path).mtimeMs > 10_000
    process.kill(owner, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

const CAUSES = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/,
    'The package registry cannot be reached. Check the network (and `npm config get proxy`, `npm config get registry`), then run this again.',
  ],
  [/ENOSPC/, 'The disk is full. About 1.5 GB must be free here; make room, then run this again.'],
  [
    /EACCES|EPERM|EROFS/,
    'A folder here cannot be written. Make this folder yours, then run this again.',
  ],
  [
    /UNABLE_TO_GET_ISSUER_CERT|SELF_SIGNED_CERT|CERT_/,
    'The registry shows a certificate that is not trusted. Behind a company proxy, name its certificate in NODE_EXTRA_CA_CERTS.',
  ],
  [
    /EINTEGRITY/,
    'A package differs from what package-lock.json expects. Run `npm cache verify`, then this again.',
  ],
  [
    /E404|ETARGET/,
    'The registry does not have a package that is needed. Check `npm config get registry`, then run this again.',
  ],
]

/** A sentence on what to do, then npm's own last words. */
export function explainFailure(output, how) {
  const [, advice] = CAUSES.find(([pattern]) => pattern.test(output)) ?? []
  const words = output
    .split('\n')
    .filter((line) => /^npm (error|ERR!)/.test(line) && !/ {4}at /.test(line))
    .slice(0, 8)
  return [advice ?? `npm failed (${how}). Running this again may help.`, ...words].join('\n')
}
