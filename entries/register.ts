/**
 * Makes services reachable by name for a whole program, which needs no change:
 * `node --import serval/register app.js`. The host `web.acme.serval` is the service `acme/web`.
 *
 * Environment variables say how services are found: SERVAL_VIA is an address for all of them, such as
 * `192.0.2.1:54325`; SERVAL_CONTROLLER lists addresses of controllers, separated by commas.
 */
import { openAdminSocket } from '../impl/admin/index.ts'
import { reachByName } from '../impl/byName/patch.ts'
import { Agent } from '../impl/controller/agent.ts'
import { defaultStack } from '../impl/sockets/defaultStack.ts'

const stack = defaultStack()
const { SERVAL_VIA: via, SERVAL_CONTROLLER: controllers } = process.env
if (via) stack.addService('*', { via })
if (controllers) new Agent({ stack, controllers: controllers.split(','), delays: true })
await reachByName(stack)
// For `serval flows` and `serval migrate`. Without a folder for it, the program runs all the same.
await openAdminSocket(stack).catch(() => {})
