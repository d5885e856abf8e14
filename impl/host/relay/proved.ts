/** The addresses that have proved themselves to a host: at each, a peer of one of its flows. */
import type { Address } from '../../link/link.ts'
import type { Flow } from '../flows/flow.ts'

export interface FlowsHost {
  flows(): Flow[]
}

/** An address that is not among them is looked for again after this, ms: a flood must not cost a look at all flows each time. */
const LOOK_MS = 100

export class Proved {
  readonly #host: FlowsHost
  #addresses = new Set<Address>()
  #atMs = -Infinity

  constructor(host: FlowsHost) {
    this.#host = host
  }

  /** True if a flow of the host was connected to this address when it last looked. */
  has(address: Address, now: number): boolean {
    if (now - this.#atMs >= LOOK_MS) {
      this.#atMs = now
      this.#addresses.clear()
      for (const flow of this.#host.flows()) if (flow.isLive) this.#addresses.add(flow.peer)
    }
    return this.#addresses.has(address)
  }
}
