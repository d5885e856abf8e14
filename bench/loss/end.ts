/** A process in one of the two namespaces: the server of both kinds, or the client, which sends what its parent asks for. */

import { once } from 'node:events'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { parseAddress } from '../../impl/link/address.ts'
import { openUdp } from '../../impl/link/udp.ts'
import { connect, createServer, Stack } from '../../impl/sockets/index.ts'
import { stream } from '../sockets/bulk.ts'
import { IP_BYTES } from './network.ts'

const PORT = 7070
const SERVICE = 'bench/sink'
/** Bytes of an IP packet that the headers of IPv4 and UDP use. */
const HEADERS = 28

const [role, here, there] = process.argv.slice(2) as [string, string, string]
const link = await openUdp({ addresses: [parseAddress(`${here}:${PORT}`)], mtu: IP_BYTES - HEADERS })
const stack = new Stack({ link })

const sink = (socket: Duplex): void => {
  socket.resume()
  socket.on('end', () => socket.end())
  socket.on('error', () => {})
}

if (role === 'server') {
  createServer({ stack, allowHalfOpen: true }, sink).listen(SERVICE)
  await once(net.createServer({ allowHalfOpen: true }, sink).listen(PORT, here), 'listening')
} else
  process.on('message', async ([kind, bytes]: ['serval' | 'tcp', number]) => {
    const via = `${there}:${PORT}`
    const socket =
      kind === 'serval' ? connect({ service: SERVICE, via, stack }) : net.connect({ host: there, port: PORT })
    process.send?.(await stream(socket, bytes))
  })
process.on('disconnect', () => process.exit())
process.send?.('ready')
