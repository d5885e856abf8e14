/** One hop of the TCP relay that Serval's is compared with: a process that relays its port to the port in its argument. */
import { once } from 'node:events'
import net from 'node:net'

const port = Number(process.argv[2])
const options = { allowHalfOpen: true, noDelay: true }

const server = net.createServer(options, from => {
  const to = net.connect({ port, host: '127.0.0.1', ...options })
  from.pipe(to)
  to.pipe(from)
  from.on('error', () => to.destroy())
  to.on('error', () => from.destroy())
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.((server.address() as net.AddressInfo).port)
