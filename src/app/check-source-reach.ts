import type { Finding } from '../cli/run-checks.ts'
import { wideAllowances, type WideAllowance } from '../outside/wide-allowances.ts'
import type { Config } from './config.ts'

/** Which closed networks whoever may add a source can make the server call. */
export function checkSourceReach({ sources }: { readonly sources: Reaching }): Finding {
  const { allowedHosts: hosts, allowedNetworks: networks } = sources
  const opened = [
    ...(networks.length === 0 ? [] : [`networks ${networks.join(', ')}`]),
    ...(hosts.length === 0 ? [] : [`hosts ${hosts.join(', ')}`]),
  ]
  if (opened.length === 0)
    return { ok: true, detail: 'no private network is open: the public internet alone' }
  const detail = `the public internet, and of closed networks the ${opened.join(' and the ')}`
  const wide = wideAllowances({ hosts, networks })
  if (wide.length === 0) return { ok: true, detail }
  const advice = `${wide.map(sentenceOf).join(' ')} Whoever may change documents, in any tenant, can read there: name only the hosts and networks that documents come from, in sources.allowed_hosts and sources.allowed_networks.`
  return { ok: true, detail, advice }
}

type Reaching = Pick<Config['sources'], 'allowedHosts' | 'allowedNetworks'>

const SENTENCES: Readonly<Record<WideAllowance['holds'], string>> = {
  everything: 'opens every network inside, and this machine',
  machine: 'opens this machine, and whatever listens on it alone',
  secrets: 'opens addresses where machines of clouds are told their secrets',
}

const sentenceOf = ({ entry, holds }: WideAllowance) => `${entry} ${SENTENCES[holds]}.`
