// Load profiles for k6 (https://k6.io), against a server on this machine only. bench/measure-load.ts starts the server, loads
// documents and runs them; by hand: RAGSTONE_URL=http://127.0.0.1:8080 RAGSTONE_KEY=rs_… RAGSTONE_STORE=vs_… PROFILE=smoke k6 run bench/load/profiles.mjs
import http from 'k6/http'
import { check } from 'k6'
import { Counter } from 'k6/metrics'

/* global __ENV, __ITER */
const { RAGSTONE_URL: url, RAGSTONE_KEY: key, RAGSTONE_STORE: store } = __ENV
if (!/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(url ?? ''))
  throw new Error('RAGSTONE_URL is to name a server on this machine.')
const QUESTIONS = JSON.parse(__ENV.QUESTIONS ?? '["What does the first document say?"]')

const rate = (perSecond, duration) => ({
  executor: 'constant-arrival-rate',
  rate: perSecond,
  timeUnit: '1s',
  duration,
  preAllocatedVUs: 64,
  maxVUs: 512,
})
/** One after the other; as people at work; a crowd at once; and for long. */
const PROFILES = {
  smoke: { executor: 'constant-vus', vus: 1, duration: '20s' },
  steady: rate(3, '60s'),
  spike: {
    executor: 'ramping-arrival-rate',
    startRate: 2,
    timeUnit: '1s',
    preAllocatedVUs: 128,
    maxVUs: 1024,
    stages: [
      { duration: '10s', target: 2 },
      { duration: '2s', target: 60 },
      { duration: '20s', target: 60 },
      { duration: '2s', target: 2 },
      { duration: '20s', target: 2 },
    ],
  },
  soak: rate(2, '30m'),
}

const answered = new Counter('answered')
const refused = new Counter('refused')
const failed = new Counter('failed')
export const options = {
  scenarios: { [__ENV.PROFILE]: { ...PROFILES[__ENV.PROFILE], exec: 'ask' } },
  summaryTrendStats: ['p(50)', 'p(95)', 'p(99)', 'max'],
}

export function ask() {
  const input = QUESTIONS[__ITER % QUESTIONS.length]
  const response = http.post(
    `${url}/v1/responses`,
    JSON.stringify({ model: store, input, store: false }),
    {
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      tags: { outcome: 'asked' },
      responseCallback: http.expectedStatuses(200),
    },
  )
  if (response.status === 200) answered.add(1)
  else if (response.status === 429 || response.status === 503) refused.add(1)
  else failed.add(1)
  check(response, {
    'is answered, or refused with the time to come back': ({ status, headers }) =>
      status === 200 ||
      ((status === 429 || status === 503) && headers['Retry-After'] !== undefined),
  })
}
