/**
 * What waits until somebody knows where its service is: first packets of others, and connects of this host. Each service
 * is asked for once, however much waits for it; what is let go is resolved again, and never waits twice (D13).
 */
import type { Counters } from './counters.ts'
import { printServiceId, SERVICE_BYTES } from './serviceId.ts'
import { Timers } from './timers.ts'

/** Why what waited does not go on. */
export type DelayFailure =
  /** There is no such service. */
  | 'unanswered'
  /** Nobody has said anything. */
  | 'timed out'
  /** Who was asked is gone. */
  | 'lost'
  /** More waits than may wait. */
  | 'full'

/** One thing that waits. Exactly one of these is called, once (invariant 50). */
export interface Delayed {
  resume(now: number): void
  fail(why: DelayFailure, now: number): void
  /** Whether it is the same as what waits already, such as a SYN that is repeated. */
  isSame?(other: Delayed): boolean
}

export interface DelayLimits {
  /** What waits for all services, and for one of them. */
  readonly delayed: number
  readonly delayedForOne: number
  /** How often a service is asked for, and how long the first answer is waited for; then twice as long each time, ms. */
  readonly asks: number
  readonly askMs: number
}

interface Waiting {
  readonly service: Uint8Array
  readonly slot: number
  readonly held: Delayed[]
  asked: number
}

export class Delays {
  readonly #limits: DelayLimits
  readonly #counters: Counters
  readonly #timers = new Timers()
  readonly #services = new Map<string, Waiting>()
  readonly #slots: (Waiting | undefined)[] = []
  readonly #free: number[] = []
  #held = 0
  /** Asks for a service: when the first thing begins to wait for it, and again when no answer has come in time. */
  onMiss: (service: Uint8Array) => void = () => {}

  constructor(limits: DelayLimits, counters: Counters) {
    this.#limits = limits
    this.#counters = counters
  }

  /** How much waits. */
  get size(): number {
    return this.#held
  }

  /** The services that something waits for. */
  services(): Uint8Array[] {
    return [...this.#services.values()].map(({ service }) => service)
  }

  /** Waits for the service whose ID is at `at`. */
  add(bytes: Uint8Array, at: number, delayed: Delayed, now: number): void {
    const { counters, limits } = { counters: this.#counters, limits: this.#limits }
    const key = printServiceId(bytes, at)
    const known = this.#services.get(key)
    if (known?.held.some(one => delayed.isSame?.(one))) {
      counters.ignored++
      return
    }
    if (this.#held >= limits.delayed || (known?.held.length ?? 0) >= limits.delayedForOne) {
      counters.delayFull++
      delayed.fail('full', now)
      return
    }
    const waiting = known ?? this.#begin(key, bytes.slice(at, at + SERVICE_BYTES))
    waiting.held.push(delayed)
    this.#held++
    counters.delayed++
    if (known === undefined) this.#ask(waiting, now)
  }

  /** The rules have changed: what waits for the service is resolved again. */
  answered(service: Uint8Array, now: number): void {
    for (const one of this.#end(service)) one.resume(now)
  }

  /** There is no such service. */
  unanswered(service: Uint8Array, now: number): void {
    this.#fail(service, 'unanswered', now)
  }

  /** Who was asked is gone: nothing waits any more. */
  lost(now: number): void {
    for (const service of this.services()) this.#fail(service, 'lost', now)
  }

  nextTimeout(): number {
    return this.#timers.next()
  }

  /** Asks again, or gives up. */
  poll(now: number): void {
    for (let slot = this.#timers.due(now); slot >= 0; slot = this.#timers.due(now)) {
      const waiting = this.#slots[slot]!
      if (waiting.asked < this.#limits.asks) this.#ask(waiting, now)
      else this.#fail(waiting.service, 'timed out', now)
    }
  }

  #begin(key: string, service: Uint8Array): Waiting {
    const slot = this.#free.pop() ?? this.#slots.length
    const waiting = { service, slot, held: [], asked: 0 }
    this.#slots[slot] = waiting
    this.#services.set(key, waiting)
    return waiting
  }

  #ask(waiting: Waiting, now: number): void {
    this.#timers.schedule(waiting.slot, now + this.#limits.askMs * 2 ** waiting.asked)
    waiting.asked++
    this.onMiss(waiting.service)
  }

  #fail(service: Uint8Array, why: DelayFailure, now: number): void {
    const held = this.#end(service)
    this.#counters.purged += held.length
    for (const one of held) one.fail(why, now)
  }

  /** Nothing waits for the service any more; what did. */
  #end(service: Uint8Array): readonly Delayed[] {
    const key = printServiceId(service)
    const waiting = this.#services.get(key)
    if (waiting === undefined) return []
    this.#services.delete(key)
    this.#slots[waiting.slot] = undefined
    this.#free.push(waiting.slot)
    this.#timers.cancel(waiting.slot)
    this.#held -= waiting.held.length
    return waiting.held
  }
}
