/** A translator (NAT) that forwards one of its ports to a host, over UDP sockets of the system. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { must } from '../../../checker/text/at.ts'

export class PortForward {
  /** The translator's side towards the clients, such as `127.0.1.2:40000`. */
  readonly address: string
  /** Packets that it has passed on to the host. */
  count = 0
  readonly #outside: Socket
  readonly #inside = new Map<string, Socket>()

  private constructor(outside: Socket, target: string) {
    const { address, port } = outside.address()
    const [host, hostPort] = target.split(':')
    this.address = `${address}:${port}`
    this.#outside = outside
    outside.on('message', (bytes, from) => {
      this.count++
      this.#towards(from).send(bytes, Number(must(hostPort)), must(host))
    })
  }

  /** Opens a port at `host` that leads to `target`. */
  static async open(host: string, target: string): Promise<PortForward> {
    const outside = createSocket('udp4').bind(0, host)
    await once(outside, 'listening')
    return new PortForward(outside, target)
  }

  async close(): Promise<void> {
    for (const socket of [this.#outside, ...this.#inside.values()]) socket.close()
  }

  /** Each client gets a port of its own towards the host. */
  #towards({ address, port }: { readonly address: string; readonly port: number }): Socket {
    const name = `${address}:${port}`
    const known = this.#inside.get(name)
    if (known !== undefined) return known
    const socket = createSocket('udp4')
    socket.on('message', bytes => this.#outside.send(bytes, port, address))
    this.#inside.set(name, socket)
    return socket
  }
}
