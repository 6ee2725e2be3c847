import { isIP, type LookupFunction } from 'node:net'
import { AppError } from '../../core/errors.ts'
import type { SourceReach } from '../source-reach.ts'

/**
 * For `http.curloptResolve`: the permitted addresses of the host, so that git connects to what was looked at and asks
 * nobody else for the name. Null where the host is an address, which the reach has judged as it is.
 */
export async function pinnedAddress(url: URL, reach: SourceReach): Promise<string | null> {
  const refusal = reach.refusal(url)
  if (refusal !== null) throw new AppError('input_rejected', refusal)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return null
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const addresses = await resolve(host, reach.lookup)
  const spelled = addresses.map((address) => (isIP(address) === 6 ? `[${address}]` : address))
  return `${host}:${port}:${spelled.join(',')}`
}

async function resolve(host: string, lookup: LookupFunction): Promise<readonly string[]> {
  const { promise, resolve: give, reject } = Promise.withResolvers<readonly string[]>()
  lookup(host, { all: true }, (error, found) => {
    if (error === null)
      give([found].flat().map((one) => (typeof one === 'string' ? one : one.address)))
    else reject(error)
  })
  try {
    return await promise
  } catch (error) {
    if (error instanceof AppError) throw error
    const message = `The name ${host} cannot be resolved. Check the url.`
    throw new AppError('provider_unavailable', message, { cause: error })
  }
}
