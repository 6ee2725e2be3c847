import { readdir } from 'node:fs/promises'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import { expect, test } from 'vitest'
// @ts-expect-error -- plain JavaScript, because the depcruise command reads it too
import { MAY_IMPORT } from '../.dependency-cruiser.mjs'

test('every folder of src has its place in the house', async () => {
  const folders = await readdir('src')

  expect(folders.filter((folder) => !(folder in MAY_IMPORT))).toEqual([])
})

test('every import follows the house rules', async () => {
  const options = await extractDepcruiseOptions('./.dependency-cruiser.mjs')
  const { summary } = (await cruise(['src'], options)).output as ICruiseResult

  // Without a TypeScript parser the cruiser sees nothing and reports success; insist that it saw us.
  expect(summary.totalCruised).toBeGreaterThan(100)
  expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual(
    [],
  )
})
