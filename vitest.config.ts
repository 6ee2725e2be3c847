import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/test-places.ts', 'test/storage/migrated-pglite.ts'],
    // Many a test waits for a process that it has started: on two cores one file at a time left every second one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // How long something may take that is going to be true: long enough for a machine that has other things to do.
    expect: { poll: { timeout: 20_000 } },
  },
})
