/** The processes of an operator: a controller, and a router that queries it. Clients know only the router's address. */

import { once } from 'node:events'
import { Agent } from '../impl/controller/agent.ts'
import { Controller } from '../impl/controller/controller.ts'
import { MemoryRegistry } from '../impl/controller/registry/memory.ts'
import { servicePrefixOf } from '../impl/host/services/serviceId.ts'
import { parseAddress } from '../impl/link/address.ts'
import { Stack } from '../impl/sockets/index.ts'

/** Returns the one address of an open stack. */
function addressOf({ addresses: [address] }: Stack): string {
  if (address === undefined) throw new Error('the stack has lost its address')
  return address
}

export class Plane {
  readonly controller: Controller
  /** The controller's address. */
  readonly at: string
  readonly #controllerStack: Stack
  readonly #router: Stack
  readonly #agent: Agent

  private constructor(controller: Controller, controllerStack: Stack, router: Stack) {
    this.controller = controller
    this.at = addressOf(controllerStack)
    this.#controllerStack = controllerStack
    this.#router = router
    this.#agent = new Agent({ stack: router, controllers: [this.at], rules: 'all', delays: true })
  }

  /** Opens both at the first two addresses of `network`, such as `127.0.2`. `start` holds commands by the service that they start. */
  static async open(network: string, start: Readonly<Record<string, string>> = {}): Promise<Plane> {
    const stack = await new Stack({ addresses: [`${network}.1:0`] }).opened()
    const controller = new Controller({ stack, registry: new MemoryRegistry(), start })
    await controller.open()
    const router = await new Stack({ addresses: [`${network}.2:0`], forwards: true }).opened()
    const plane = new Plane(controller, stack, router)
    await plane.#agent.connected()
    return plane
  }

  /** Opens a host that knows the router. */
  async client(address: string): Promise<Stack> {
    const stack = await new Stack({ addresses: [`${address}:0`] }).opened()
    stack.addService('*', { via: addressOf(this.#router) })
    return stack
  }

  /** Resolves when the router has this rule, or no longer has it. */
  async routed(
    rule: { readonly prefix: string; readonly address: string },
    isRouted: boolean,
  ): Promise<void> {
    const [prefix, address] = [servicePrefixOf(rule.prefix), parseAddress(rule.address)]
    const hasIt = (): boolean =>
      this.#router.host.services
        .targets(prefix)
        .some(target => target.kind === 'forward' && target.address === address)
    while (hasIt() !== isRouted) await once(this.#agent, 'rules')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.close()
    await this.#router.close()
    await this.controller.close()
    await this.#controllerStack.close()
  }
}
