/**
 * A client whose process ends in one of several ways: node exiting.ts VIA WAY [ADDRESS ...]. The parent process is its server. With
 * addresses, its connection has a flow from each before it ends.
 */
import { connect, Stack } from '../index.ts'

const [, , via = '', way = '', ...addresses] = process.argv
const stack = addresses.length > 0 ? new Stack({ addresses, flows: 'all' }) : undefined
const socket = connect({ service: 'test/exit', via, stack })
const bytes = Buffer.alloc(20_000)

const ways: Readonly<Record<string, () => void>> = {
  'in the callback of end': () => socket.end(bytes, () => process.exit()),
  'at the event finish': () => socket.end(bytes).on('finish', () => process.exit()),
  'at the event close': () => socket.end(bytes).on('close', () => process.exit()),
  'without a call': () => socket.end(bytes),
  'while it is idle': () => socket.write('x', () => setTimeout(() => process.exit(), 100)),
  'in the middle of a write': () => {
    socket.write(bytes)
    setImmediate(() => process.exit())
  },
  'by an exception': () => {
    socket.write(bytes)
    setImmediate(() => {
      throw new Error('expected by exit.test.ts')
    })
  },
}

// The server writes when it has the connection. A reset that came before would end the connection before any program had it.
socket.once('data', () => {
  const begin = (): void => {
    if (socket.flows.length < addresses.length) socket.once('flow', begin)
    else ways[way]?.()
  }
  begin()
})
socket.resume()
