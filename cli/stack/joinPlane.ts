/** Connects the stack of a command to controllers. */
import { Agent } from '../../impl/controller/agent.ts'
import type { AgentOptions } from '../../impl/controller/agentOptions.ts'
import { type ControllerAt, controllerAt } from '../../impl/controller/controllerAt.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import { say } from './say.ts'
import { tellPlane } from './tellPlane.ts'

/**
 * Registers the stack's services with the controllers in `choice`, and queries them for services that the stack does not
 * know. Returns undefined if `choice` names none. Throws LINK_ADDRESS, CONTROLLER_FILE, CONTROLLER_TLS.
 */
export function joinPlane(
  stack: Stack,
  { controller = [] }: { readonly controller?: readonly (string | ControllerAt)[] },
  more: Partial<AgentOptions> = {},
): Agent | undefined {
  if (controller.length === 0) return undefined
  const controllers = controller.map(one => (typeof one === 'string' ? controllerAt(one) : one))
  const agent = new Agent({ stack, controllers, delays: true, ...more })
  tellPlane(
    agent,
    controllers.map(({ via }) => via),
    say,
  )
  return agent
}
