/** A worker that answers each message with one byte, and sets `answered` when the answer has left. */
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { createServer, Stack } from '../index.ts'

const answered = workerData as Int32Array
const stack = await new Stack({ addresses: ['127.0.0.1:0'] }).opened()
const server = createServer({ stack, noDelay: true }, socket =>
  socket.on('data', async () => {
    socket.write('y')
    await turn()
    Atomics.store(answered, 0, 1)
    Atomics.notify(answered, 0)
  }),
)
server.listen('test/stall')
await once(server, 'listening')
parentPort?.postMessage(stack.addresses[0])
