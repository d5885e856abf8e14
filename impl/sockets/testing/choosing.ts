/** Prints from which local address a stack connects to each of the given addresses: node choosing.ts ADDRESS... */
import { connect, Stack } from '../index.ts'

const stack = await new Stack().opened()
for (const via of process.argv.slice(2)) {
  const socket = connect({ service: 'test/choice', via, stack })
  const chosen = await new Promise<string>(resolve => {
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code))
    const look = (): void => {
      if (socket.localAddress !== undefined) resolve(socket.localAddress)
      else if (!socket.destroyed) setImmediate(look)
    }
    look()
  })
  console.log(chosen)
  socket.destroy()
}
process.exit()
