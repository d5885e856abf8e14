/** Node's own HTTP server and client, unchanged, over active sockets. docs/sockets.md explains it. */
import { once } from 'node:events'
import { type ClientRequest, createServer as createWeb, type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { connect, createServer } from '../impl/sockets/index.ts'

const web = createWeb((asked, answer) => answer.end(`you asked for ${asked.url}`))
const server = createServer(socket => web.emit('connection', socket))
server.listen('acme/web')
await once(server, 'listening')

const asking: ClientRequest = request({
  path: '/',
  createConnection: () => connect('acme/web') as Duplex,
})
asking.end()
const [answer] = (await once(asking, 'response')) as [IncomingMessage]
console.log(await text(answer))
server.close()
