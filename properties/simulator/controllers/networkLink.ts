/** A simulated process's link: only a running process receives, and only a living one sends. */
import type { Address, Datagram, Link } from '../../../impl/link/link.ts'
import type { MemoryLink } from '../../../impl/link/memory.ts'
import type { Process } from './process.ts'
import type { VirtualTime } from './virtualTime.ts'

/** Decides whether a datagram arrives. */
export type Passes = (datagram: Datagram) => boolean

export class NetworkLink implements Link {
  readonly mtu: number
  readonly #inner: MemoryLink
  readonly #process: Process
  readonly #time: VirtualTime
  readonly #passes: Passes

  constructor(inner: MemoryLink, process: Process, time: VirtualTime, passes: Passes) {
    this.mtu = inner.mtu
    this.#inner = inner
    this.#process = process
    this.#time = time
    this.#passes = passes
  }

  addresses(): readonly Address[] {
    return this.#inner.addresses()
  }

  send(batch: readonly Datagram[]): boolean {
    return this.#process.isDead ? false : this.#inner.send(batch.filter(this.#passes))
  }

  receive(listener: (batch: readonly Datagram[]) => void): void {
    this.#inner.receive(batch => this.#time.as(this.#process, () => listener(batch)))
  }

  changed(listener: (addresses: readonly Address[]) => void): void {
    this.#inner.changed(addresses => this.#time.as(this.#process, () => listener(addresses)))
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}
