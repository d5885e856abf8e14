/** Names and addresses of the lab's network: a client with two networks, each behind a router that translates, and a server. */
export const SERVICE = 'lab/download'
export const SERVER = '10.71.9.2:54325'

/** A network of the client. */
export interface Access {
  /** The namespace of its router. */
  readonly router: string
  readonly client: string
  readonly inside: string
  readonly outside: string
  readonly gateway: string
  /** The client's routing table for packets from `client`, and the metric of its default route there. */
  readonly table: number
}

export const WIFI: Access = access('home', 1)
export const MOBILE: Access = access('cell', 2)

function access(router: string, net: number): Access {
  const [client, inside] = [`192.168.${net}.2`, `192.168.${net}.1`]
  return { router, client, inside, outside: `10.71.${net}.2`, gateway: `10.71.${net}.1`, table: 100 * net }
}
