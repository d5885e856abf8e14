/** Moves that the application has asked for, until each flow has moved or given up. */
import type { Flow } from '../host/flows/flow.ts'
import type { Address } from '../link/link.ts'

interface Request {
  readonly flow: Flow
  readonly address: Address
  resolve(): void
  reject(error: Error): void
}

/** Makes the error of a request that fails. It is costly, and most flows end or move without a request. */
type MakeError = (code: 'ECANCELED' | 'EHOSTUNREACH') => Error

export class MoveRequests {
  #all: readonly Request[] = []
  readonly #error: MakeError

  constructor(error: MakeError) {
    this.#error = error
  }

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
  moved(flow: Flow): void {
    for (const one of this.#take(flow))
      if (one.address === flow.local) one.resolve()
      else one.reject(this.#error('ECANCELED'))
  }

  /** The flow's move has failed. */
  failed(flow: Flow): void {
    for (const one of this.#take(flow)) one.reject(this.#error('EHOSTUNREACH'))
  }

  /** The connection is over. */
  cancel(): void {
    for (const one of this.#all) one.reject(this.#error('ECANCELED'))
    this.#all = []
  }

  #take(flow: Flow): readonly Request[] {
    const those = this.#all.filter(one => one.flow === flow)
    this.#all = this.#all.filter(one => one.flow !== flow)
    return those
  }
}
