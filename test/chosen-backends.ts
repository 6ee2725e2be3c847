/** What a suite may run on, besides which it may run on others. */
export type TestBackend = 'pglite' | 'postgres' | 'process' | 'valkey'

/** All of them where RAGSTONE_TEST_BACKENDS names none: a second run need not do again what a first one did. */
export function isChosen(backend: TestBackend): boolean {
  const named = process.env['RAGSTONE_TEST_BACKENDS'] ?? ''
  return named === '' || named.split(',').includes(backend)
}
