/** A service and its client in one process. docs/sockets.md explains it. */
import { connect, createServer } from '../impl/sockets/index.ts'

const server = createServer(socket => socket.pipe(socket))
server.listen('acme/echo', () => {
  const socket = connect('acme/echo')
  socket.end('hello')
  socket.on('data', bytes => console.log(`${bytes}`))
  socket.on('close', () => server.close())
})
