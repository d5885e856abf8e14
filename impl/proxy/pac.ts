/** The file that tells browsers which hosts to reach through the proxy. */
import type { Socket } from 'node:net'

/** Returns the file for a client of this connection: it names the address at which that client reached the proxy. */
export function pacFile({ localAddress = '', localPort }: Socket, suffix: string): string {
  const host = localAddress.replace(/^::ffff:/, '')
  const proxy = `${host.includes(':') ? `[${host}]` : host}:${localPort}`
  return `function FindProxyForURL(url, host) {
  return dnsDomainIs(host, ${JSON.stringify(suffix)}) ? "PROXY ${proxy}" : "DIRECT"
}
`
}
