// What answers that are waited for cost in memory:
//   node bench/measure-idle-streams.ts [--streams 1000]
// Writes bench/results/idle-streams.json.
import { parseArgs } from 'node:util'
import { measureIdleStreams } from '../test/idle-streams.ts'
import { writeResults } from './results.ts'

const { values } = parseArgs({ options: { streams: { type: 'string', default: '1000' } } })
const measured = await measureIdleStreams(Number(values.streams))
console.log(JSON.stringify(measured, null, 2))
await writeResults('idle-streams', measured)
