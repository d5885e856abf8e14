/** Connects the stack of a command to controllers. */
import { Latest } from '../../checker/text/latest.ts'
import { Agent } from '../../impl/controller/agent.ts'
import type { AgentOptions } from '../../impl/controller/agentOptions.ts'
import { type ControllerAt, controllerAt } from '../../impl/controller/controllerAt.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import { say } from './say.ts'

/** The time without an answer after which the command says that it still waits, ms. */
const SILENT_MS = 3000
/** Different refusals that are reported once each until a service is registered: a host seldom has more services. */
const MOST_SAID = 256

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
  const timer = setTimeout(
    () =>
      say(
        `no controller answers yet at ${controllers.map(({ via }) => via).join(', ')}; retrying`,
        'warning',
      ),
    SILENT_MS,
  )
  timer.unref()
  agent.on('connected', address => {
    clearTimeout(timer)
    say(`controller at ${address}`)
  })
  agent.on('lost', () => say('the controller is gone; looking for another', 'warning'))
  const said = new Latest<string, true>(MOST_SAID)
  agent.on('registered', () => said.clear())
  agent.on('refused', ({ message }) => {
    if (!said.has(message)) say(`the controller refuses: ${message}`, 'warning')
    said.set(message, true)
  })
  return agent
}
