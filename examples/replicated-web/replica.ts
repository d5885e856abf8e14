/**
 * A replica of a web server, a process of its own: `node replica.ts NAME ADDRESS CONTROLLER`. Told to join, it listens.
 * Told to leave, it drains: gets no new connections, finishes those that it has, and ends.
 */
import { once } from 'node:events'
import { createServer as createWeb } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent } from '../../impl/control/agent.ts'
import { createServer, Stack } from '../../impl/socket/index.ts'
import { SERVICE } from './visit.ts'

/** How long an answer takes, so that there are always some on the way. */
const ANSWER_MS = 20
/** First packets that were led here before it drained arrive in this time. */
const ON_THE_WAY_MS = 500

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

async function join(): Promise<void> {
  server.listen(SERVICE)
  await agent.registered(SERVICE)
}

async function leave(): Promise<void> {
  agent.weigh(0)
  await agent.registered(SERVICE)
  await wait(ON_THE_WAY_MS)
  await agent.withdraw(SERVICE)
  await new Promise(resolve => server.close(resolve))
  await agent.close()
  await stack.close()
}

process.once('disconnect', () => process.exit())
await agent.connected()
process.send?.('ready')
await once(process, 'message')
await join()
process.send?.('joined')
await once(process, 'message')
await leave()
process.disconnect()
