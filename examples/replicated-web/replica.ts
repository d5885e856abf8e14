/**
 * A replica of a web server, a process of its own: `node replica.ts NAME ADDRESS CONTROLLER`. Told to join, it listens.
 * Told to leave, it drains: it gets no new connections, finishes those that it has, and ends.
 */
import { once } from 'node:events'
import { createServer as createWeb } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent } from '../../impl/controller/agent.ts'
import { createServer, Stack } from '../../impl/sockets/index.ts'
import { retire } from '../retire.ts'
import { SERVICE } from './visit.ts'

/** The delay of an answer, ms, so that some are always under way. */
const ANSWER_MS = 20

const [name = '', address = '', controller = ''] = process.argv.slice(2)

const stack = new Stack({ addresses: [address] })
const agent = new Agent({ stack, controllers: [controller] })

// Node's own web server: it never learns that these are not TCP's connections.
const web = createWeb(async (_, answer) => {
  answer.write(`${name}: `)
  await wait(ANSWER_MS)
  answer.end('hello')
})
const server = createServer({ stack }, socket => web.emit('connection', socket))

process.once('disconnect', () => process.exit())
await agent.connected()
process.send?.('ready')

await once(process, 'message')
server.listen(SERVICE)
await agent.registered(SERVICE)
process.send?.('joined')

await once(process, 'message')
// Drains: an operator can still think again.
agent.weigh(0)
await agent.registered(SERVICE)
await retire({ stack, agent, server }, SERVICE)
process.disconnect()
