/** Messages, with a connection and without. docs/sockets.md explains it. */
import { once } from 'node:events'
import { createSocket } from '../impl/sockets/index.ts'

const server = createSocket({}, (message, from) => server.send(`${message}`.toUpperCase(), from))
server.bind('acme/shout')
await once(server, 'listening')

const connected = createSocket().connect('acme/shout')
connected.send('through a flow, which may move')
console.log(`${(await once(connected, 'message'))[0]}`)

const alone = createSocket()
alone.send('on its own', 'acme/shout')
console.log(`${(await once(alone, 'message'))[0]}`)

for (const socket of [connected, alone, server]) socket.close()
