/** How commands that run a stack come to a controller. */
import { Agent, type AgentOptions } from '../../impl/controller/agent.ts'
import { parseDestination } from '../../impl/link/address.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import type { StackChoice } from './openStack.ts'
import { say } from './say.ts'

/**
 * What the stack listens to is registered with the controllers that were named, and they are asked for what it does not
 * know. Undefined: none were named. Throws LINK_ADDRESS.
 */
export function joinPlane(
  stack: Stack,
  { controller = [] }: Pick<StackChoice, 'controller'>,
  more: Partial<AgentOptions> = {},
): Agent | undefined {
  if (controller.length === 0) return undefined
  for (const address of controller) parseDestination(address)
  const agent = new Agent({ stack, controllers: controller, delays: true, ...more })
  agent.on('connected', address => say(`controller at ${address}`))
  agent.on('lost', () => say('the controller is gone; looking for another'))
  agent.on('refused', ({ message }) => say(`the controller refuses: ${message}`))
  return agent
}
