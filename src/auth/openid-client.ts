import * as oidc from 'openid-client'
import { AppError } from '../core/errors.ts'
import type { ProviderSettings } from '../core/ports/sign-in-settings.ts'
import { createBoundedFetch } from '../outside/bounded-fetch.ts'
import { createGuardedAgent } from '../outside/guarded-agent.ts'
import { createReach } from '../outside/reach.ts'
import { createWarmLookup } from './warm-lookup.ts'

/** What has to be known again when the person comes back. */
export interface OpenIdFlow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface VerifiedPerson {
  readonly issuer: string
  readonly subject: string
  /** Lower case; null unless the provider says that it has verified it. */
  readonly email: string | null
  readonly name: string | null
  readonly claims: Readonly<Record<string, unknown>>
}

export interface OpenIdClient {
  /** Throws `provider_unavailable` where the provider cannot be reached or does not say who it is. */
  begin(
    provider: Provider,
    redirectUri: string,
  ): Promise<{ readonly url: URL; readonly flow: OpenIdFlow }>
  /** Throws `unauthenticated` for an answer that is not the one that was asked for. */
  finish(provider: Provider, answer: URL, flow: OpenIdFlow): Promise<VerifiedPerson>
}

/** With the secret unsealed. */
export type Provider = Pick<ProviderSettings, 'clientId' | 'issuer' | 'scopes'> & {
  readonly clientSecret: string | null
}

const TIMEOUT_SECONDS = 10
const WARM_MS = 600_000
const WARM_PROVIDERS = 1_000
const MOST_BYTES = 1_000_000

/**
 * Authorization code with PKCE, state and nonce. `insideAllowed`: providers may be in the server's own network, and speak
 * plain HTTP there.
 */
export function createOpenIdClient({
  insideAllowed,
}: {
  readonly insideAllowed: boolean
}): OpenIdClient {
  const fetchOutside = openFetch()
  const known = createWarmLookup<oidc.Configuration>({
    warmMs: WARM_MS,
    most: WARM_PROVIDERS,
    find: (name) => discover(JSON.parse(name) as readonly [string, string, string | null]),
  })

  async function discover([issuer, clientId, secret]: readonly [string, string, string | null]) {
    const authentication = secret === null ? oidc.None() : oidc.ClientSecretPost(secret)
    return oidc.discovery(new URL(issuer), clientId, undefined, authentication, {
      timeout: TIMEOUT_SECONDS,
      ...(insideAllowed
        ? { execute: [oidc.allowInsecureRequests] }
        : { [oidc.customFetch]: fetchOutside as oidc.CustomFetch }),
    })
  }

  async function configurationOf({ issuer, clientId, clientSecret }: Provider) {
    try {
      const found = await known.find(JSON.stringify([issuer, clientId, clientSecret]))
      if (found !== null) return found
    } catch (error) {
      throw new AppError('provider_unavailable', 'The OpenID provider cannot be reached.', {
        cause: error,
      })
    }
    throw new AppError('provider_unavailable', 'The OpenID provider cannot be reached.')
  }

  return {
    async begin(provider, redirectUri) {
      const configuration = await configurationOf(provider)
      const flow = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
      }
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: [...new Set(['openid', ...provider.scopes])].join(' '),
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
      })
      return { url, flow }
    },

    async finish(provider, answer, { state, nonce, verifier }) {
      const configuration = await configurationOf(provider)
      try {
        const tokens = await oidc.authorizationCodeGrant(configuration, answer, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const claims = await claimsOf(configuration, tokens)
        return personOf(configuration.serverMetadata().issuer, claims)
      } catch (error) {
        throw new AppError(
          'unauthenticated',
          'The OpenID provider did not vouch for this sign-in: begin again.',
          { cause: error },
        )
      }
    },
  }
}

/** Reaches nothing in the server's own network, by whatever name, and follows nobody elsewhere. */
function openFetch(): typeof globalThis.fetch {
  const remedy = 'Whoever runs the server can allow it by auth.providers_inside.'
  const reach = createReach({
    hosts: [],
    networks: [],
    ports: null,
    remedies: { host: remedy, port: remedy },
  })
  const timeoutMs = TIMEOUT_SECONDS * 1000
  const agent = createGuardedAgent(reach, { connectMs: timeoutMs, silenceMs: timeoutMs })
  return createBoundedFetch({ reach, agent, maxBytes: MOST_BYTES })
}

/** Providers tell some of what they were asked for in the ID token, and the rest to who asks. */
async function claimsOf(
  configuration: oidc.Configuration,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
): Promise<Readonly<Record<string, unknown>> & { readonly sub: string }> {
  const claims = tokens.claims()
  if (claims === undefined) throw new Error('No ID token')
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return claims
  const more = await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)
  return { ...more, ...claims }
}

function personOf(
  issuer: string,
  claims: Readonly<Record<string, unknown>> & { readonly sub: string },
): VerifiedPerson {
  const { email, name, sub } = claims
  const verified = claims['email_verified'] === true && typeof email === 'string'
  return {
    issuer,
    subject: sub,
    email: verified ? email.trim().toLowerCase() : null,
    name: typeof name === 'string' && name !== '' ? name.slice(0, 200) : null,
    claims,
  }
}
