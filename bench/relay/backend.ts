/** A process with TCP servers behind the relays. It sends their ports to its parent. */
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { BULK_BYTES } from './bulk.ts'

export interface Ports {
  readonly bulk: number
  readonly echo: number
  readonly web: number
}

const bulk = Buffer.alloc(BULK_BYTES, 'x')
const options = { allowHalfOpen: true, noDelay: true }

const servers = {
  bulk: net.createServer(options, socket => socket.on('error', () => {}).end(bulk)),
  echo: net.createServer(options, socket => socket.on('error', () => {}).pipe(socket)),
  web: http.createServer((_request, response) => response.end('hello')),
}
const ports = await Promise.all(
  Object.entries(servers).map(async ([name, server]) => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return [name, (server.address() as net.AddressInfo).port] as const
  }),
)
process.send?.(Object.fromEntries(ports))
