/**
 * A service that a controller starts when somebody asks for it: `node instance.ts IDLE_MS`. Tells everybody who it is,
 * and ends when nobody has asked for so long.
 */
import { Agent } from '../../impl/controller/agent.ts'
import { START_LIMIT_MS } from '../../impl/controller/limits.ts'
import { createServer, Stack } from '../../impl/sockets/index.ts'
import { retire } from '../retire.ts'

// The controller passes the service and its own address in the environment.
const { SERVAL_SERVICE: service = '', SERVAL_CONTROLLER: controller = '' } = process.env
const idleMs = Number(process.argv[2])

const stack = new Stack({ addresses: ['127.0.30.11:0'] })
const agent = new Agent({ stack, controllers: [controller] })
const server = createServer({ stack }, socket => {
  idle?.refresh()
  socket.end(`${process.pid}`)
})
let idle: NodeJS.Timeout | undefined
server.listen(service)
// The client that caused the start no longer waits, and may be gone.
const late = setTimeout(() => process.exit(1), START_LIMIT_MS)
await agent.registered(service)
clearTimeout(late)
idle = setTimeout(() => retire({ stack, agent, server }, service), idleMs)
