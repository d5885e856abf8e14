/** For tests: this process reaches services by name, and each service is a TCP server behind a relay. */
import net from 'node:net'
import { Server, Stack } from '../../sockets/index.ts'
import { SPLICED, splice } from '../../sockets/splice.ts'
import { reachByName } from '../patch.ts'

/** Two addresses of the clients' stack; it has one at a time. */
const [HOME, OFFICE] = ['127.0.0.1:0', '127.0.0.2:0'] as const

/** Everything is taken back at the end of the `await using` block. */
export async function byName() {
  const far = await new Stack({ addresses: ['127.0.0.1:0'] }).opened()
  const near = await new Stack({ addresses: [HOME] }).opened()
  near.addService('acme', { via: far.addresses[0] as string })
  const undo = await reachByName(near)
  return {
    near,
    /** Offers what listens at a TCP port of 127.0.0.1. */
    offer(service: string, port: number): void {
      new Server({ ...SPLICED, stack: far }, socket => {
        const tcp = net.connect({ ...SPLICED, port, host: '127.0.0.1' })
        splice(socket, { source: tcp, sink: tcp }, new AbortController().signal).catch(() => tcp.destroy())
      }).listen(service)
    },
    /** Moves all connections of this process to another address. */
    async move(): Promise<void> {
      const [before = ''] = near.addresses
      await near.addAddress(before.startsWith('127.0.0.1') ? OFFICE : HOME)
      await near.removeAddress(before)
    },
    async [Symbol.asyncDispose]() {
      undo()
      await near.close({ limitMs: 0 })
      await far.close({ limitMs: 0 })
    },
  }
}
