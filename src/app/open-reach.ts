import { createReach, type Reach } from '../outside/reach.ts'

/** Where sources may lead. What they are told when they may not is what to ask the operator for. */
export function openReach(sources: {
  readonly allowedHosts: readonly string[]
  readonly allowedNetworks: readonly string[]
  readonly allowedPorts: readonly number[]
}): Reach {
  return createReach({
    hosts: sources.allowedHosts,
    networks: sources.allowedNetworks,
    ports: sources.allowedPorts,
    remedies: {
      host: 'Whoever runs the server can open it: sources.allowed_hosts takes names and addresses, sources.allowed_networks networks.',
      port: 'Whoever runs the server can open it: for every host in sources.allowed_ports, for one by naming it with the port in sources.allowed_hosts.',
    },
  })
}
