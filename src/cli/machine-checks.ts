import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Check } from './run-checks.ts'

const GIGABYTE = 1e9
const ENOUGH_FREE = 2 * GIGABYTE
/** Before this day the code did not exist, so a clock that says so is wrong. */
const EARLIEST = Date.UTC(2026, 10, 1)

/** What can be asked of the machine itself, before any part of the application runs. */
export function machineChecks(dataDirectory: string): readonly Check[] {
  return [
    nodeVersion(process.versions.node),
    writable(dataDirectory),
    freeDisk(dataDirectory),
    clock(Date.now),
  ]
}

export function nodeVersion(version: string): Check {
  return {
    name: 'Node',
    run: () => {
      const ok = Number(version.split('.')[0]) >= 24
      const advice = 'Run it by `npm start`, which brings its own Node 24, or install Node 24.'
      return Promise.resolve({ ok, detail: `version ${version}`, ...(ok ? {} : { advice }) })
    },
  }
}

export function writable(directory: string): Check {
  return {
    name: 'data directory',
    run: async () => {
      const probe = join(directory, `.probe-${process.pid}`)
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 })
        await writeFile(probe, 'x', { flush: true })
        await rm(probe)
        return { ok: true, detail: `${directory} can be written` }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        const advice = `Give this user the right to write ${directory}, or name another folder in data.directory.`
        return { ok: false, detail: `${directory} cannot be written: ${reason}`, advice }
      }
    },
  }
}

export function freeDisk(directory: string, enough = ENOUGH_FREE): Check {
  return {
    name: 'free disk',
    run: async () => {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const { bavail, bsize } = await statfs(directory)
      const free = bavail * bsize
      const detail = `${(free / GIGABYTE).toFixed(1)} GB free at ${directory}`
      const advice = `Make room, or move data.directory: at least ${enough / GIGABYTE} GB should be free.`
      return { ok: free >= enough, detail, ...(free >= enough ? {} : { advice }) }
    },
  }
}

export function clock(now: () => number): Check {
  return {
    name: 'clock',
    run: () => {
      const detail = new Date(now()).toISOString()
      const advice =
        'Set the clock (timedatectl set-ntp true): expiry, caches and ids depend on it.'
      const ok = now() >= EARLIEST
      return Promise.resolve({ ok, detail, ...(ok ? {} : { advice }) })
    },
  }
}
