import { relative } from 'node:path'
import { SingleBar } from 'cli-progress'
import type { CliDeps } from './deps.ts'
import type { LoadedFile } from './load-files.ts'
import type { SourceFile } from './source-files.ts'
import { count, jsonLine, line, paint, size, table } from './terminal.ts'

/** Shows a loading as it goes: as JSON lines, as a bar on a terminal, or only its end. */
export interface LoadReport {
  readonly start: (files: readonly SourceFile[]) => void
  readonly progress: (chunksUnderWay: number) => void
  readonly file: (file: LoadedFile) => void
  readonly finish: (results: readonly LoadedFile[]) => void
  /** Leaves the terminal as it was found, whatever happened. */
  readonly stop: () => void
}

type Output = Pick<CliDeps, 'stderr' | 'stdout'>

export function jsonReport({ stdout }: Output): LoadReport {
  let latest = -1
  return {
    start: (files) => {
      jsonLine(stdout, { type: 'started', files: files.length, bytes: bytesOf(files) })
    },
    progress: (chunks) => {
      if (chunks !== latest) jsonLine(stdout, { type: 'progress', chunks_under_way: chunks })
      latest = chunks
    },
    file: ({ fileId, ...file }) => jsonLine(stdout, { type: 'file', ...file, file_id: fileId }),
    finish: (results) => jsonLine(stdout, { type: 'finished', ...tally(results) }),
    stop: () => undefined,
  }
}

export function textReport({ stdout, stderr }: Output): LoadReport {
  const bar = stderr.isTTY ? progressBar(stderr) : undefined
  return {
    start: (files) => bar?.start(files),
    progress: (chunks) => bar?.update(chunks),
    file: (file) => bar?.file(file),
    finish: (results) => {
      bar?.stop()
      const { loaded, unchanged, failed, chunks } = tally(results)
      const parts = [
        `${count(loaded, 'file')} loaded (${count(chunks, 'chunk')})`,
        `${unchanged} unchanged`,
        failed === 0 ? '0 failed' : paint(stdout, 'red', `${failed} failed`),
      ]
      line(stdout, parts.join(', '))
      const failures = results.filter(({ status }) => status === 'failed')
      if (failures.length === 0) return
      line(stdout)
      table(
        stdout,
        ['FILE', 'REASON'],
        failures.map(({ path, reason }) => [shortest(path), reason ?? '']),
      )
    },
    stop: () => bar?.stop(),
  }
}

function progressBar(stderr: CliDeps['stderr']) {
  const bar = new SingleBar({
    stream: stderr,
    format: ' {bar} {done}/{files} files  {amount}  {chunks} chunks  {left}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
  })
  const began = performance.now()
  const state = { done: 0, bytes: 0, total: 0, chunks: 0, underWay: 0 }
  const render = () => {
    const { done, bytes, total, chunks, underWay } = state
    bar.update(bytes, {
      done,
      amount: `${size(bytes)} of ${size(total)}`,
      chunks: chunks + underWay,
      left: timeLeft((performance.now() - began) / 1000, bytes / Math.max(total, 1)),
    })
  }
  return {
    start: (files: readonly SourceFile[]) => {
      state.total = bytesOf(files)
      bar.start(Math.max(state.total, 1), 0, {
        done: 0,
        files: files.length,
        amount: size(state.total),
        chunks: 0,
        left: '',
      })
    },
    update: (chunks: number) => {
      state.underWay = chunks
      render()
    },
    file: (file: LoadedFile) => {
      state.done += 1
      state.bytes += file.bytes
      if (file.status === 'loaded') state.chunks += file.chunks
      render()
    },
    stop: () => bar.stop(),
  }
}

/** By the share of bytes that is done: `about 2 min left`. Nothing before anything is done. */
export function timeLeft(elapsedSeconds: number, share: number): string {
  if (share <= 0 || share >= 1) return ''
  const seconds = (elapsedSeconds / share) * (1 - share)
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s left`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `about ${minutes} min left` : `about ${Math.round(minutes / 60)} h left`
}

function tally(results: readonly LoadedFile[]) {
  const having = (status: LoadedFile['status']) => results.filter((file) => file.status === status)
  return {
    loaded: having('loaded').length,
    unchanged: having('unchanged').length,
    failed: having('failed').length,
    chunks: having('loaded').reduce((sum, { chunks }) => sum + chunks, 0),
  }
}

function bytesOf(files: readonly SourceFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

function shortest(path: string): string {
  const near = relative('.', path)
  return near.length < path.length ? near : path
}
