// The quality that the tests hold every change against:
//   node bench/check-quality.ts           measures it and says what has fallen
//   node bench/check-quality.ts --write   makes it the new baseline, bench/results/gate.json
import { complaints, measureGate, readBaseline } from './quality-gate.ts'
import { writeResults } from './results.ts'

const began = performance.now()
const scores = await measureGate()
console.log(scores, `${((performance.now() - began) / 1_000).toFixed(0)} s`)
if (process.argv.includes('--write')) {
  await writeResults('gate', { scores })
} else {
  for (const complaint of complaints(await readBaseline(), scores)) {
    console.log(complaint)
    process.exitCode = 1
  }
}
