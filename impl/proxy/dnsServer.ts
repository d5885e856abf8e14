/** A DNS server over UDP for names of services. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { answerQuery, type Zone } from './dns.ts'

export class DnsServer {
  readonly #zone: Zone
  #socket: Socket | undefined

  constructor(zone: Zone) {
    this.#zone = zone
  }

  /** Resolves to the address when the server answers. Rejects with the system's error. */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4', (query, from) => {
      const answer = answerQuery(query, this.#zone)
      // An answer that the system cannot send is lost, like one on the way; the resolver asks again.
      if (answer !== undefined) socket.send(answer, from.port, from.address, () => {})
    })
    socket.bind(port, host)
    await once(socket, 'listening')
    this.#socket = socket
    socket.on('error', () => {})
    return socket.address()
  }

  close(): void {
    this.#socket?.close()
  }
}
