/** Names and addresses of the lab's network: a client with two networks, each behind a router that translates, and a server. */
export const SERVICE = 'lab/download'
export const SERVER_IP = '10.71.9.2'
export const SERVER = `${SERVER_IP}:54325`

/** The name of a network of the client: that of its router's namespace. */
export type Named = 'home' | 'cell'

/** A network of the client. */
export interface Access {
  readonly router: Named
  readonly client: string
  readonly inside: string
  readonly outside: string
  readonly gateway: string
  /** The client's routing table for packets from `client`, and the metric of its default route there. */
  readonly table: number
}

export const WIFI: Access = access('home', 1)
export const MOBILE: Access = access('cell', 2)

function access(router: Named, net: number): Access {
  const [client, inside] = [`192.168.${net}.2`, `192.168.${net}.1`]
  return { router, client, inside, outside: `10.71.${net}.2`, gateway: `10.71.${net}.1`, table: 100 * net }
}

/** The places of the third number of the addresses in an IPv4 header. */
const [SOURCE, DESTINATION] = [14, 18]

/** Returns whether the client sent this IPv4 packet. */
export const isFrom = (packet: Uint8Array): boolean => packet[SOURCE] !== 9

/** Returns the client's network that this IPv4 packet uses, outside of its router. */
export const netOf = (packet: Uint8Array): Named =>
  packet[isFrom(packet) ? SOURCE : DESTINATION] === 1 ? 'home' : 'cell'
