/** A download that continues while the client moves to another address. docs/moving.md explains it. */
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { connect, createServer, Stack } from '../impl/sockets/index.ts'

await using home = new Stack({ addresses: ['127.0.0.1:0', '127.0.0.2:0'] })
await using office = new Stack({ addresses: ['127.0.0.3:0'] })
await Promise.all([home.opened(), office.opened()])

const server = createServer({ stack: office }, socket => {
  socket.write('the first half, ')
  socket.on('data', () => socket.end('and the second'))
})
server.listen('acme/files')
await once(server, 'listening')

const [via = ''] = office.addresses
const socket = connect({ service: 'acme/files', via, stack: home })
socket.on('path', ({ reason }) => console.log(`${reason}: now at ${socket.localAddress}`))
const whole = buffer(socket)
await once(socket, 'connect')
await socket.migrate('127.0.0.2')
socket.write('go on')
console.log(`${await whole}`)
