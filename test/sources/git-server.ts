import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { gitEnvironment } from '../../src/app/git-environment.ts'

/** Why tests that need it are left out; null where it is there. */
export const GIT_IS_ABSENT = (process.env['PATH'] ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, 'git')))
  ? null
  : 'the program git is not installed'

export const GIT_ENVIRONMENT = gitEnvironment(process.env)
const IDENTITY = {
  ...GIT_ENVIRONMENT,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.com',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.com',
}

export interface GitServer {
  readonly url: string
  /** `METHOD path` of every request, and what it authenticated with. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[]
  /** Before git's own answer; true where it has answered. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>
  createRepository(name?: string): Promise<ServedRepository>
  close(): Promise<void>
}

export interface ServedRepository {
  readonly url: string
  readonly folder: string
  git(args: readonly string[], input?: string | Buffer): Promise<string>
  /** A commit on `main` with these files changed; null takes one away. */
  commit(files: Readonly<Record<string, string | Buffer | null>>): Promise<string>
  delete(): Promise<void>
}

/** Git's own server behind Node's, on loopback. */
export async function startGitServer(): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'ragstone-git-server-'))
  const { stdout } = await promisify(execFile)('git', ['--exec-path'])
  const backend = join(stdout.trim(), 'git-http-backend')
  const requests: GitServer['requests'] = []
  let made = 0
  const http = createServer((request, response) => {
    requests.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
    })
    void (async () => {
      if (await server.intercept(request, response)) return
      answer(backend, root, { request, response })
    })()
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const server: GitServer = {
    url,
    requests,
    intercept: () => false,
    async createRepository(name = `of-test-${(made += 1)}.git`) {
      const folder = join(root, name)
      await mkdir(dirname(folder), { recursive: true })
      const repository = serve(`${url}/${name}`, folder)
      await run(['init', '--quiet', '--bare', '--initial-branch=main', folder], root)
      await repository.git(['config', 'uploadpack.allowFilter', 'true'])
      await repository.git(['config', 'uploadpack.allowAnySHA1InWant', 'true'])
      return repository
    },
    async close() {
      http.closeAllConnections()
      http.close()
      await rm(root, { recursive: true, force: true })
    },
  }
  return server
}

function serve(url: string, folder: string): ServedRepository {
  const git: ServedRepository['git'] = (args, input) => run(args, folder, input)
  return {
    url,
    folder,
    git,
    async commit(files) {
      const changes = Object.entries(files).map(([path, content]) => {
        if (content === null) return Buffer.from(`D ${path}\n`)
        const bytes = Buffer.from(content)
        return Buffer.concat([
          Buffer.from(`M 100644 inline ${path}\ndata ${bytes.length}\n`),
          bytes,
          Buffer.from('\n'),
        ])
      })
      const parent = await git(['rev-parse', '--verify', '--quiet', 'main']).catch(() => '')
      const from = parent === '' ? '' : `from ${parent.trim()}\n`
      const head = `commit refs/heads/main\ncommitter Somebody <somebody@example.com> now\ndata 0\n${from}`
      const input = Buffer.concat([Buffer.from(head), ...changes, Buffer.from('\ndone\n')])
      await git(['fast-import', '--quiet', '--force', '--done', '--date-format=now'], input)
      return (await git(['rev-parse', 'main'])).trim()
    },
    delete: () => rm(folder, { recursive: true, force: true }),
  }
}

async function run(
  args: readonly string[],
  folder: string,
  input: string | Buffer = '',
): Promise<string> {
  const child = spawn('git', [...args], {
    cwd: folder,
    env: IDENTITY,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const said = Promise.all([child.stdout.toArray(), child.stderr.toArray()])
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [[code], [output, complaints]] = await Promise.all([once(child, 'close'), said])
  if (code !== 0) throw new Error(`git ${args[0]}: ${Buffer.concat(complaints).toString()}`)
  return Buffer.concat(output).toString()
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** The gateway interface of RFC 3875, as far as git needs it. */
function answer(backend: string, root: string, { request, response }: Exchange): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
  const child = spawn(backend, {
    env: {
      ...IDENTITY,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  request.pipe(child.stdin)
  let head = Buffer.alloc(0)
  let hasBegun = false
  child.stdout.on('data', (piece: Buffer) => {
    if (hasBegun) return void response.write(piece)
    head = Buffer.concat([head, piece])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    hasBegun = true
    const lines = head.subarray(0, end).toString().split('\r\n')
    const headers = lines.map((line) => line.split(/:\s*/, 2) as [string, string])
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200'
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers))
    response.write(head.subarray(end + 4))
  })
  child.on('close', () => response.end())
}
