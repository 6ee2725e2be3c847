import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

const run = promisify(execFile)

/**
 * What runs a shell command where PostgreSQL 18's programs are, as a user that may start them:
 * `chroot FOLDER su postgres -s /bin/sh -c` where scripts/postgres-18.sh has unpacked them.
 */
const SHELL = process.env['RAGSTONE_TEST_POSTGRES_SHELL']

/** Why no test can have a PostgreSQL of its own; null where it can. */
export const NO_OWN_POSTGRES =
  SHELL === undefined
    ? 'RAGSTONE_TEST_POSTGRES_SHELL starts no PostgreSQL 18: see scripts/postgres-18.sh'
    : null

export interface OwnPostgres {
  readonly url: string
  /** `fast` ends every session; `immediate` is a crash. */
  stop(mode: 'fast' | 'immediate'): Promise<void>
  /** On the same port, with what it held. */
  start(): Promise<void>
  /** Ends it and leaves nothing behind. */
  drop(): Promise<void>
}

/** A PostgreSQL 18 that tests may end, listening on loopback. */
export async function startPostgres(): Promise<OwnPostgres> {
  const port = await freePort()
  const folder = (await shell('mktemp -d /tmp/ragstone-postgres-XXXXXX')).trim()
  const settings = [
    `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`,
    '-c shared_preload_libraries=pg_textsearch -c max_connections=100',
  ].join(' ')
  const start = async () => {
    await shell(`pg_ctl -D ${folder}/data -w -l ${folder}/log -o '${settings}' start >/dev/null`)
  }
  await shell(`initdb -D ${folder}/data -A trust -U postgres --locale=C.UTF-8 --no-sync >/dev/null`)
  await start()
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop(mode) {
      await shell(`pg_ctl -D ${folder}/data -w -m ${mode} stop >/dev/null`)
    },
    start,
    async drop() {
      await shell(`pg_ctl -D ${folder}/data -w -m immediate stop >/dev/null 2>&1; rm -r ${folder}`)
    },
  }
}

async function shell(command: string): Promise<string> {
  const [program = '', ...words] = (SHELL ?? '').split(' ')
  const path = 'PATH=/usr/lib/postgresql/18/bin:$PATH; export PATH'
  const { stdout } = await run(program, [...words, `${path}; ${command}`])
  return stdout
}
