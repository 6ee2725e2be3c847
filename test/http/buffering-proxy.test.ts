import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFakeAnswer, finishedWith, searched, type Step } from './fake-answer.ts'
import { useHttpWorld } from './world.ts'

const NGINX = '/usr/sbin/nginx'
const world = useHttpWorld()

/** An nginx that buffers, as it does unless it is told otherwise, in front of scripted answers. */
async function serveBehindProxy(steps: readonly Step[], keepAliveMs = 50) {
  const fake = createFakeAnswer()
  fake.script(steps)
  const settings = { ...world().deps.settings, keepAliveMs }
  const { url } = await world().listen({ answer: fake.answer, settings })
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-nginx-'))
  const port = await freePort()
  await writeFile(join(folder, 'nginx.conf'), configuration({ folder, port, url }))
  const nginx = spawn(NGINX, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    stdio: 'ignore',
  })
  const exited = new Promise((resolve) => nginx.once('exit', resolve))
  onTestFinished(async () => {
    nginx.kill()
    await exited
    await rm(folder, { recursive: true, force: true })
  })
  const proxied = `http://127.0.0.1:${port}`
  while (
    !(await fetch(`${proxied}/livez`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended with ${nginx.exitCode}.`)
    await delay(20)
  }
  return { fake, url: proxied }
}

const configuration = (of: { folder: string; port: number; url: string }) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${of.folder}/nginx.pid;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${of.folder}/${name};`)
    .join('\n  ')}
  server {
    listen 127.0.0.1:${of.port};
    location / {
      proxy_pass ${of.url};
      proxy_http_version 1.1;
      proxy_buffering on;
      proxy_read_timeout 1s;
      gzip on;
      gzip_types text/event-stream application/json;
      gzip_proxied any;
    }
  }
}
`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const ask = (url: string, signal: AbortSignal | null = null) =>
  fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world().key}`,
      'content-type': 'application/json',
      'accept-encoding': 'identity',
    },
    body: JSON.stringify({ input: 'x', stream: true }),
    signal,
  })

/** Reads until a text has come. */
async function readUntil(response: Response, text: string): Promise<string> {
  let read = ''
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) {
    read += decoder.decode(bytes as Uint8Array, { stream: true })
    if (read.includes(text)) break
  }
  return read
}

// .ci/run installs it; elsewhere nobody needs it.
describe.skipIf(!existsSync(NGINX))('through nginx, which is not installed everywhere', () => {
  test('an event arrives while the answer is still being written', async () => {
    const wait = Promise.withResolvers<void>()
    const { url } = await serveBehindProxy([
      searched,
      { type: 'text', delta: 'early' },
      () => wait.promise,
      finishedWith(),
    ])
    const early = await readUntil(await ask(url), 'early')
    wait.resolve()

    expect(early).not.toContain('response.completed')
  })

  test('a long silence does not end the stream', async () => {
    const { url } = await serveBehindProxy([searched, () => delay(2_500), finishedWith()])
    const text = await (await ask(url)).text()

    expect(text).toContain('response.completed')
  })

  test('without comments the same silence does: the test can fail', async () => {
    const silence = () => delay(2_500)
    const { url } = await serveBehindProxy([searched, silence, finishedWith()], 60_000)
    const ended = await ask(url)
      .then((response) => response.text())
      .catch(() => 'broken off')

    expect(ended).not.toContain('response.completed')
  })

  test('a caller who leaves ends the work', async () => {
    const hang = (signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
    const { fake, url } = await serveBehindProxy([searched, hang])
    const caller = new AbortController()
    const response = await ask(url, caller.signal)
    await response.body?.getReader().read()
    caller.abort()

    await expect.poll(() => fake.signals[0]?.aborted).toBe(true)
  })
})
