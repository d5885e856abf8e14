/** What an operator starts: a controller, and a router that asks it. Clients know where the router is, and no more. */

import { once } from 'node:events'
import { must } from '../checker/text/at.ts'
import { Agent } from '../impl/controller/agent.ts'
import { Controller } from '../impl/controller/controller.ts'
import { MemoryRegistry } from '../impl/controller/registry/memory.ts'
import { servicePrefixOf } from '../impl/host/services/serviceId.ts'
import { parseAddress } from '../impl/link/address.ts'
import { Stack } from '../impl/sockets/index.ts'

export class Plane {
  readonly controller: Controller
  /** Where hosts find the controller. */
  readonly at: string
  readonly #controllerStack: Stack
  readonly #router: Stack
  readonly #agent: Agent

  private constructor(controller: Controller, controllerStack: Stack, router: Stack) {
    this.controller = controller
    this.at = must(controllerStack.addresses[0])
    this.#controllerStack = controllerStack
    this.#router = router
    this.#agent = new Agent({ stack: router, controllers: [this.at], rules: 'all', delays: true })
  }

  /** At the first two addresses of `network`, such as `127.0.2`. `start` has commands that start services. */
  static async open(network: string, start: Readonly<Record<string, string>> = {}): Promise<Plane> {
    const stack = await new Stack({ addresses: [`${network}.1:0`] }).opened()
    const controller = new Controller({ stack, registry: new MemoryRegistry(), start })
    await controller.open()
    const router = await new Stack({ addresses: [`${network}.2:0`], forwards: true }).opened()
    const plane = new Plane(controller, stack, router)
    await plane.#agent.connected()
    return plane
  }

  /** A host that knows where the router is. */
  async client(address: string): Promise<Stack> {
    const stack = await new Stack({ addresses: [`${address}:0`] }).opened()
    stack.addService('*', { via: must(this.#router.addresses[0]) })
    return stack
  }

  /** Resolves when the router has this rule, or has it no more. */
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
