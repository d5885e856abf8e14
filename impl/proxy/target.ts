/** The targets of clients: services and other hosts. */
import { HOST_SUFFIX, serviceOfHost } from '../sockets/hostNames.ts'
import { ProxyError } from './errors.ts'

export type Target =
  | { readonly kind: 'service'; readonly service: string; readonly host: string; readonly port: number }
  | { readonly kind: 'host'; readonly host: string; readonly port: number }

export interface Naming {
  /** The end of host names that are services. */
  readonly suffix?: string | undefined
  /** Forwards all other hosts. */
  readonly direct?: boolean | undefined
  /** Returns the service that an IP address stands for. */
  readonly serviceAt?: ((address: string) => string | undefined) | undefined
}

/** Printable ASCII. The system's resolver and our own messages get nothing else. */
const HOST = /^[\x21-\x7e]{1,255}$/

/** Returns the target that a host and a port name. Throws PROXY_TARGET, PROXY_REFUSED. */
export function targetOf(host: string, port: number, naming: Naming): Target {
  if (!HOST.test(host) || !(port > 0 && port < 2 ** 16))
    throw new ProxyError('PROXY_TARGET', `${host}:${port}`)
  const { suffix = HOST_SUFFIX } = naming
  const service = serviceOfHost(host, suffix) ?? naming.serviceAt?.(host)
  if (service !== undefined) return { kind: 'service', service, host, port }
  // A name below the suffix must not leak to the resolvers of the Internet.
  if (!naming.direct || isBelow(host, suffix)) throw new ProxyError('PROXY_REFUSED', host)
  return { kind: 'host', host, port }
}

const isBelow = (host: string, suffix: string): boolean =>
  `.${host.toLowerCase().replace(/\.$/, '')}`.endsWith(suffix)

/** `web.acme.serval:80`, `[::1]:80`, without a user. */
const AUTHORITY = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:@/?#[\]\\]+))(?::(\d{1,5}))?$/

/** Reads HOST:PORT of CONNECT, or of a URL, where `port` stands for a port that is left out. Throws PROXY_TARGET, PROXY_REFUSED. */
export function targetOfAuthority(text: string, port: number | undefined, naming: Naming): Target {
  const [, address, name, digits] = AUTHORITY.exec(text) ?? []
  const host = address ?? name
  const given = digits === undefined ? port : Number(digits)
  if (host === undefined || given === undefined) throw new ProxyError('PROXY_TARGET', text.slice(0, 300))
  return targetOf(host, given, naming)
}

/** Returns a target for people: `web.acme.serval (the service acme/web)`. */
export const printTarget = (target: Target): string =>
  target.kind === 'service'
    ? `${target.host} (the service ${target.service})`
    : `${target.host}:${target.port}`
