/** NATS servers: how to reach them, and what their errors mean. */
import { checkServerIdentity as checkIdentity, type PeerCertificate } from 'node:tls'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { RegistryError } from './errors.ts'

/** Servers of one cluster, and how a client shows who it is. */
export interface NatsServers {
  /** One or more, such as `127.0.0.1:4222`. */
  readonly servers: readonly string[]
  /** The number of copies: 1, 3 or 5. Default: 3 in a cluster of three or more servers, else 1. */
  readonly replicas?: number
  /** The client's login. Default: none. */
  readonly login?: NatsLogin
  /** Connects with TLS, and verifies servers with the system's authorities or `ca`. */
  readonly tls?: NatsTls
  /** The time limit for an answer, ms. */
  readonly answerMs?: number
}

/** A user with a password, a token, or the contents of a credentials file (a JWT and its key). */
export type NatsLogin =
  | { readonly user: string; readonly pass: string }
  | { readonly token: string }
  | { readonly credentials: Uint8Array }

/** PEM. `cert` and `key` are the client's own, for servers that require a client certificate. */
export interface NatsTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Copies in a cluster: one server may fail, and the other two still agree. */
const CLUSTER_REPLICAS = 3

export const ANSWER_MS = 5000
/** The pause between attempts to reconnect, ms. */
const RECONNECT_WAIT_MS = 500

/** Returns the servers as people write them, without the login. */
export const serversName = ({ servers, tls }: NatsServers): string =>
  `${tls === undefined ? 'nats' : 'tls'}://${servers.join(',')}`

/** Connects, and reconnects from then on. Rejects with REGISTRY_DOWN, REGISTRY_LOGIN and REGISTRY_TLS. */
export async function connectTo(to: NatsServers): Promise<NatsConnection> {
  const { servers, answerMs = ANSWER_MS, login, tls } = to
  try {
    return await connect({
      servers: [...servers],
      timeout: answerMs,
      ...(login !== undefined && loginOf(login)),
      ...(tls !== undefined && { tls: { ...tls, ...checkedAs(servers) } }),
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT_MS,
    })
  } catch (error) {
    throw natsError(to, error)
  }
}

/** Returns an error of the NATS client as one of this project. */
export function natsError(to: NatsServers, error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  const { message = '' } = error as { message?: string }
  const name = serversName(to)
  if (/authorization|authentication/i.test(message))
    return new RegistryError(
      'REGISTRY_LOGIN',
      `${name} refuses the login (${message}); correct the user and password, the token, or the file of 'creds'`,
    )
  if (/certificate|self.signed|TLS|SSL|secure|altname/i.test(message))
    return new RegistryError(
      'REGISTRY_TLS',
      `${name}: ${message}; write tls:// for servers with TLS, name their authority with 'ca', and the ` +
        "client's own certificate with 'cert' and 'key'",
    )
  if (/peers|resources|replicas/i.test(message))
    return new RegistryError(
      'REGISTRY_REPLICAS',
      `${name} cannot keep so many copies (${message}); start the other servers, or write fewer 'replicas'`,
    )
  const remedy =
    to.tls === undefined ? '' : ". If it asks for a certificate, name the client's own with 'cert' and 'key'"
  return new RegistryError(
    'REGISTRY_DOWN',
    `${name} does not answer (${message}); start it with JetStream: nats-server -js${remedy}`,
  )
}

/** Returns the default number of copies. A server of a cluster announces the others, whichever addresses clients use. */
export function replicasFor({ info }: NatsConnection): number {
  const others = new Set(info?.connect_urls ?? [])
  return info?.cluster !== undefined && others.size >= CLUSTER_REPLICAS ? CLUSTER_REPLICAS : 1
}

/**
 * Servers have certificates for the names or addresses that the client was given. The client's own check would
 * verify a server that is given by IP address as `localhost`.
 */
function checkedAs(servers: readonly string[]): object {
  const hosts = servers.map(server => new URL(`nats://${server}`).hostname.replace(/^\[|\]$/g, ''))
  const checkServerIdentity = (_: string, certificate: PeerCertificate): Error | undefined => {
    const faults = hosts.map(host => checkIdentity(host, certificate))
    return faults.includes(undefined) ? undefined : faults[0]
  }
  return { checkServerIdentity }
}

const loginOf = (login: NatsLogin) =>
  'credentials' in login ? { authenticator: credsAuthenticator(login.credentials) } : login
