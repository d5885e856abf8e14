/** The programs of the service plane: controllers, routers, hosts that serve, and a client. */
import { must } from '../../../checker/text/at.ts'
import { Agent } from '../../../impl/controller/agent.ts'
import { Controller } from '../../../impl/controller/controller.ts'
import type { Registry } from '../../../impl/controller/registry/registry.ts'
import { Rendezvous } from '../../../impl/host/rendezvous/rendezvous.ts'
import { printAddress } from '../../../impl/link/address.ts'
import { Server } from '../../../impl/sockets/server.ts'
import { Socket } from '../../../impl/sockets/socket.ts'
import type { Stack } from '../../../impl/sockets/stack.ts'
import type { StackOptions } from '../../../impl/sockets/stackOptions.ts'
import { addressOf, Member, type Surroundings } from './member.ts'

/** How long a supervisor waits before it starts a controller again whose registry does not answer, ms. */
const RESTART_MS = 5000

export const serviceOf = (number: number): string => `plane/service-${number}`

/** Returns the addresses of all controllers, beginning with the one at `first`. */
const controllersFrom = (first: number, { plan }: Surroundings): string[] =>
  Array.from({ length: plan.controllers }, (_, i) =>
    printAddress(addressOf('controller', (first + i) % plan.controllers)),
  )

export class ControllerMember extends Member {
  readonly #registry: () => Registry
  readonly #opened: (controller: ControllerMember) => void
  controller: Controller | undefined

  /** `registry` returns a new client of the registry; `opened` is called when the controller answers. */
  constructor(
    index: number,
    surroundings: Surroundings,
    registry: () => Registry,
    opened: (controller: ControllerMember) => void,
  ) {
    super('controller', index, surroundings)
    this.#registry = registry
    this.#opened = opened
  }

  override kill(): void {
    super.kill()
    this.controller = undefined
  }

  protected begin(stack: Stack): void {
    const controller = new Controller({ stack, registry: this.#registry() })
    controller.open().then(
      () => {
        this.controller = controller
        this.#opened(this)
      },
      () => {
        // The command exits, and a supervisor starts it again.
        const { time } = this.surroundings
        this.kill()
        time.at(time.now + RESTART_MS, () => this.start())
      },
    )
  }

  protected async end(): Promise<void> {
    await this.controller?.close()
    await must(this.stack).close({ limitMs: 0 })
  }
}

export class RouterMember extends Member {
  rendezvous: Rendezvous | undefined

  constructor(index: number, surroundings: Surroundings) {
    super('router', index, surroundings)
  }

  protected override options(): StackOptions {
    return { forwards: true }
  }

  protected begin(stack: Stack): void {
    this.rendezvous = new Rendezvous(stack.host, stack.random)
    new Agent({
      ...{ stack, rules: 'all', delays: true },
      controllers: controllersFrom(this.index + 1, this.surroundings),
    })
  }

  protected end(): Promise<void> {
    return must(this.stack).close({ limitMs: 0 })
  }
}

export class HostMember extends Member {
  readonly service: string
  weight = 1
  agent: Agent | undefined
  /** An operator has evicted its instance; undefined if the judge cannot tell. */
  isEvicted: boolean | undefined = false
  /** The time, ms, at which a controller confirmed its present registration. */
  confirmedMs: number | undefined

  constructor(index: number, surroundings: Surroundings) {
    super('host', index, surroundings)
    this.service = serviceOf(index % surroundings.plan.services)
  }

  weigh(weight: number): void {
    this.weight = weight
    this.surroundings.time.as(this.process, () => this.agent?.weigh(weight))
  }

  protected override options(): StackOptions {
    return { rendezvous: printAddress(addressOf('router', 0)) }
  }

  /** Starts with a new instance. */
  protected begin(stack: Stack): void {
    this.isEvicted = false
    this.agent = new Agent({
      ...{ stack, weight: this.weight },
      controllers: controllersFrom(this.index, this.surroundings),
    })
    this.agent.on('registered', () => {
      this.confirmedMs = this.surroundings.time.now
    })
    const server = new Server({ stack }, socket => {
      socket.on('error', () => {})
      socket.end(this.name)
    })
    server.listen(this.service)
  }

  /** As `serval listen` does. */
  protected async end(): Promise<void> {
    await this.agent?.withdraw(this.service)
    await this.stack?.close()
  }
}

export class ClientMember extends Member {
  constructor(surroundings: Surroundings) {
    super('client', 0, surroundings)
  }

  /** Connects to a service, and calls back with the name of the host that answered, or the code of an error. */
  ask(service: string, answered: (name: string | undefined, code: string) => void): void {
    const { time } = this.surroundings
    time.as(this.process, () => {
      const via = Array.from({ length: this.surroundings.plan.routers }, (_, i) =>
        printAddress(addressOf('router', i)),
      )
      const socket = new Socket({ stack: must(this.stack) })
      let [text, code] = ['', '']
      socket.on('data', bytes => {
        text += bytes
      })
      socket.on('error', error => {
        code = (error as NodeJS.ErrnoException).code ?? error.message
      })
      socket.once('close', () => answered(code === '' ? text : undefined, code))
      socket.connect({ service, via })
    })
  }

  protected begin(): void {}

  protected end(): Promise<void> {
    return must(this.stack).close({ limitMs: 0 })
  }
}
