/**
 * Takes instances that do not answer out of resolution before their lease ends. Hosts and routers report silent instances; a report
 * ejects nothing. It only makes the controller probe the instance itself, so that a liar can cost it a packet, and cannot eject
 * what serves. The registration stays; an instance that answers a probe again gets new flows again.
 */
import { ping } from '../sockets/ping.ts'
import type { Stack } from '../sockets/stack.ts'
import { PROBE_AGAIN_MS, PROBE_MS, PROBE_PAUSE_MS, PROBES_AT_ONCE, PROBES_LIMIT } from './limits.ts'
import type { InstanceRecord } from './records.ts'

export interface EjectionEvents {
  /** Returns the instances of the longest id that covers a service, with the id. */
  readonly find: (
    service: Uint8Array,
  ) => { readonly id: string; readonly records: readonly InstanceRecord[] } | undefined
  /** The instances of an id that new flows may reach have changed. */
  readonly changed: (id: string) => void
  /** Sends one SYN to an instance. Rejects if it does not answer, or refuses. */
  readonly probe: (service: string, address: string) => Promise<unknown>
}

/** Returns how a stack probes. The instance frees its slot before its application hears of it. */
export const probeOf = (stack: Stack) => (service: string, via: string) =>
  ping(stack, { service, via }, PROBE_MS)

/** An instance that was probed, and the service that was asked of it. */
interface Probed {
  readonly id: string
  readonly service: string
  readonly address: string
  isEjected: boolean
  timer: NodeJS.Timeout | undefined
}

export class Ejections {
  /** `spared`: did not answer, and stayed because of the limit. */
  readonly counters = { probes: 0, ejected: 0, spared: 0, returned: 0 }
  readonly #events: EjectionEvents
  readonly #probed = new Map<string, Probed>()
  #running = 0
  #isClosed = false

  constructor(events: EjectionEvents) {
    this.#events = events
  }

  /** True if new flows must not reach the instances of this id at the address. */
  has(id: string, address: string): boolean {
    return this.#probed.get(keyOf(id, address))?.isEjected ?? false
  }

  /** A host reports that an instance did not answer, while another did. */
  report(service: Uint8Array, address: string): void {
    const found = this.#events.find(service)
    if (found === undefined || !isAt(found.records, address)) return
    const key = keyOf(found.id, address)
    if (this.#probed.has(key) || this.#running >= PROBES_AT_ONCE || this.#probed.size >= PROBES_LIMIT) return
    const hex = Buffer.from(service).toString('hex')
    const one = { id: found.id, service: hex, address, isEjected: false, timer: undefined }
    this.#probed.set(key, one)
    void this.#probe(key, one)
  }

  close(): void {
    this.#isClosed = true
    for (const { timer } of this.#probed.values()) clearTimeout(timer)
    this.#probed.clear()
  }

  /** Two losses in a row are rare, unless the instance is dead. */
  async #probe(key: string, one: Probed): Promise<void> {
    this.#running++
    const isAlive = (await this.#answers(one)) || (await this.#answers(one))
    this.#running--
    if (this.#isClosed) return
    const records = this.#events.find(Buffer.from(one.service, 'hex'))?.records ?? []
    if (isAlive || !isAt(records, one.address)) this.#restore(key, one)
    else if (one.isEjected || this.#mayEject(one.id, records)) this.#eject(key, one)
    else {
      this.counters.spared++
      this.#forget(key, one)
    }
  }

  async #answers({ service, address }: Probed): Promise<boolean> {
    this.counters.probes++
    try {
      await this.#events.probe(service, address)
      return true
    } catch {
      return false
    }
  }

  /** At most half of the instances: if more are silent, the controller's own network is to blame as likely as they are. */
  #mayEject(id: string, records: readonly InstanceRecord[]): boolean {
    const addresses = new Set(records.map(({ address }) => address))
    const ejected = [...addresses].filter(address => this.has(id, address)).length
    return 2 * (ejected + 1) <= addresses.size
  }

  #eject(key: string, one: Probed): void {
    if (!one.isEjected) {
      one.isEjected = true
      this.counters.ejected++
      this.#events.changed(one.id)
    }
    one.timer = setTimeout(() => void this.#probe(key, one), PROBE_AGAIN_MS).unref()
  }

  /** It answers, or has left. */
  #restore(key: string, one: Probed): void {
    const { isEjected } = one
    one.isEjected = false
    if (isEjected) {
      this.counters.returned++
      this.#events.changed(one.id)
    }
    this.#forget(key, one)
  }

  /** The next report is heard after a pause. */
  #forget(key: string, one: Probed): void {
    one.timer = setTimeout(() => this.#probed.delete(key), PROBE_PAUSE_MS).unref()
  }
}

const keyOf = (id: string, address: string): string => `${id} ${address}`

const isAt = (records: readonly InstanceRecord[], address: string): boolean =>
  records.some(record => record.address === address)
