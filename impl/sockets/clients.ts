/**
 * Connections to services for clients that take an agent or a connector: hosts under `.serval` are services, all others are
 * reached as usual. The modules of Node that they need load with the first use.
 */
import type { Agent, AgentOptions } from 'node:http'
import type { Socket as NetSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { serviceOfHost } from './hostNames.ts'
import { Socket } from './socket.ts'
import type { SocketOptions } from './socketOptions.ts'
import type { Route } from './stackOptions.ts'

/** The options of the connections to services. */
export type ServiceRoute = SocketOptions & Omit<Route, 'service'>

const dial = (service: string, route: ServiceRoute): Socket =>
  new Socket({ noDelay: true, ...route }).connect({ ...route, service })

/**
 * Returns an agent for `http.request`. It keeps connections, unless the options say otherwise.
 * ```ts
 * http.get('http://web.acme.serval/', { agent: httpAgent() })
 * ```
 */
export function httpAgent(route: ServiceRoute = {}, options: AgentOptions = { keepAlive: true }): Agent {
  const agent = new (process.getBuiltinModule('node:http').Agent)(options)
  const usual = agent.createConnection.bind(agent)
  agent.createConnection = (target, done) => {
    const service = serviceOfHost(target.host ?? '')
    return service === undefined ? usual(target, done) : dial(service, route)
  }
  return agent
}

/** Part of what undici asks a connector for. */
export interface ConnectorTarget {
  readonly hostname: string
  readonly protocol: string
  readonly port: string
  readonly servername?: string | null | undefined
}

/**
 * Returns a connector for a dispatcher of undici. `tls` holds options for `https:`.
 * ```ts
 * fetch('http://web.acme.serval/', { dispatcher: new Agent({ connect: undiciConnector() }) })
 * ```
 */
export function undiciConnector(route: ServiceRoute = {}, tls: ConnectionOptions = {}) {
  return (
    { hostname, protocol, port, servername }: ConnectorTarget,
    done: (...result: [error: null, socket: NetSocket] | [error: Error, socket: null]) => void,
  ): void => {
    const service = serviceOfHost(hostname)
    const isSecure = protocol === 'https:'
    const plain: NetSocket =
      service !== undefined
        ? // Assignable without `exactOptionalPropertyTypes`, which Node's own types do not keep.
          (dial(service, route) as Duplex as NetSocket)
        : process.getBuiltinModule('node:net').connect({
            host: hostname.replace(/^\[|\]$/g, ''),
            port: Number(port) || (isSecure ? 443 : 80),
            noDelay: true,
          })
    const socket = isSecure
      ? process
          .getBuiltinModule('node:tls')
          .connect({ ALPNProtocols: ['http/1.1'], ...tls, socket: plain, servername: servername || hostname })
      : plain
    const fail = (error: Error): void => done(error, null)
    // An error of the connection below TLS reaches the socket above it only after the handshake.
    for (const one of new Set([plain, socket])) one.once('error', fail)
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      for (const one of new Set([plain, socket])) one.off('error', fail)
      done(null, socket)
    })
  }
}
