/** Moves that the application has asked for, until each flow has moved or given up. */
import type { Flow } from '../host/flows/flow.ts'
import type { Address } from '../link/link.ts'

interface Request {
  readonly flow: Flow
  readonly address: Address
  resolve(): void
  reject(error: Error): void
}

/** Makes the error of requests that fail. It is costly, and most flows end or move without a request. */
type MakeError = () => Error

export class MoveRequests {
  #all: readonly Request[] = []

  add(flow: Flow, address: Address): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#all = [...this.#all, { flow, address, resolve, reject }]
    })
  }

  /** True if somebody waits for a move of this flow. */
  has(flow: Flow): boolean {
    return this.#all.some(one => one.flow === flow)
  }

  /** The flow has moved: only requests for the address that it has now succeed. */
  moved(flow: Flow, error: MakeError): void {
    for (const one of this.#take(flow))
      if (one.address === flow.local) one.resolve()
      else one.reject(error())
  }

  /** The flow's move has failed. */
  failed(flow: Flow, error: MakeError): void {
    for (const one of this.#take(flow)) one.reject(error())
  }

  /** The connection is over. */
  cancel(error: MakeError): void {
    for (const one of this.#all) one.reject(error())
    this.#all = []
  }

  #take(flow: Flow): readonly Request[] {
    const those = this.#all.filter(one => one.flow === flow)
    this.#all = this.#all.filter(one => one.flow !== flow)
    return those
  }
}
