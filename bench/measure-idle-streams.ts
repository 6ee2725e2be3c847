// What answers that are waited for cost in memory:
//   node bench/measure-idle-streams.ts [--streams 1000]
import { parseArgs } from 'node:util'
import { measureIdleStreams } from '../test/idle-streams.ts'

const { values } = parseArgs({ options: { streams: { type: 'string', default: '1000' } } })
console.log(JSON.stringify(await measureIdleStreams(Number(values.streams)), null, 2))
