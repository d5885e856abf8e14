/** A member of the service plane: a place in the network where a process runs, or none. */
import { randomFraction, seededRandom } from '../../../impl/host/random/random.ts'
import { fromIPv4, printAddress, SERVER_PORT } from '../../../impl/link/address.ts'
import type { Address, Datagram } from '../../../impl/link/link.ts'
import type { MemoryLink, Network } from '../../../impl/link/memory.ts'
import { Stack } from '../../../impl/sockets/stack.ts'
import type { StackOptions } from '../../../impl/sockets/stackOptions.ts'
import { NetworkLink } from './networkLink.ts'
import type { PlanePlan, Role } from './plan.ts'
import { Process } from './process.ts'
import type { VirtualTime } from './virtualTime.ts'

/** What members need of their world. */
export interface Surroundings {
  readonly plan: PlanePlan
  readonly time: VirtualTime
  readonly network: Network
  /** Decides whether the network carries a datagram. */
  readonly passes: (datagram: Datagram) => boolean
}

const NUMBERS: Readonly<Record<Role | 'client', number>> = { controller: 1, router: 2, host: 3, client: 4 }

/** 10.HOME.ROLE.INDEX, with the number of the home among all that a member had. */
export const addressOf = (role: Role | 'client', index: number, home = 0): Address =>
  fromIPv4((10 << 24) + (home << 16) + ((NUMBERS[role] as number) << 8) + index + 1, SERVER_PORT)

/** Seeds of one run, for each life of each member. */
const LIVES = 1024

export abstract class Member {
  readonly role: Role | 'client'
  readonly index: number
  readonly name: string
  process: Process
  /** When something last happened to it, ms. */
  changedMs = 0
  /** How many addresses it has had before. */
  home = 0
  isCut = false
  protected readonly surroundings: Surroundings
  #inner: MemoryLink | undefined
  #stack: Stack | undefined
  #lives = 0

  constructor(role: Role | 'client', index: number, surroundings: Surroundings) {
    this.role = role
    this.index = index
    this.name = `${role} ${index}`
    this.surroundings = surroundings
    this.process = new Process(this.name)
    this.process.kill()
  }

  get isUp(): boolean {
    return !this.process.isDead
  }

  /** Undefined while the process is down. */
  get stack(): Stack | undefined {
    return this.#stack
  }

  get address(): Address {
    return addressOf(this.role, this.index, this.home)
  }

  get addressText(): string {
    return printAddress(this.address)
  }

  /** Starts its process, if it is down. */
  start(): void {
    if (this.isUp) return
    const { time, network, plan, passes } = this.surroundings
    const { skewMs } = this.process
    const process = new Process(this.name)
    process.skewMs = skewMs
    this.process = process
    const inner = network.attach([this.address])
    this.#inner = inner
    const seed = ((plan.seed * 8 + NUMBERS[this.role]) * 64 + this.index) * LIVES + (this.#lives++ % LIVES)
    time.as(process, () => {
      const link = new NetworkLink(inner, process, time, passes)
      const stack = new Stack({ link, random: seededRandom(seed), ...this.options() })
      this.#stack = stack
      this.begin(stack)
    })
  }

  kill(): void {
    if (!this.isUp) return
    this.process.kill()
    void this.#inner?.close()
    this.#stack?.driver.stop()
    this.#stack = undefined
  }

  /** Ends its process in order. */
  leave(): void {
    const { process } = this
    this.surroundings.time.as(process, () => {
      void this.end().then(() => {
        if (this.process === process) this.kill()
      })
    })
  }

  /** Gets another address in place of its own, as a host does that changes networks. */
  move(): void {
    const before = this.address
    this.home++
    this.#inner?.add(this.address)
    this.#inner?.remove(before)
  }

  /** Returns the options of its stack. */
  protected options(): StackOptions {
    return {}
  }

  /** Runs the program of the member. */
  protected abstract begin(stack: Stack): void

  /** Ends the program. */
  protected abstract end(): Promise<void>
}

/** Returns a function that draws numbers in [0, 1). */
export function chanceOf(seed: number): () => number {
  const random = seededRandom(seed)
  return () => randomFraction(random)
}
