/**
 * Holds forwarded first packets and this host's connects until a controller knows the address of their service. Each service
 * has a queue. The queue's machine decides; this file keeps the packets, the connects and the timers.
 */

import { none } from '../../../checker/lower/typed.ts'
import { must } from '../../../checker/text/at.ts'
import type { DelayQueueEffect, DelayQueueState } from '../../../spec/machines/resolution/compiled.ts'
import type { DelayQueueEvent } from '../../../spec/machines/resolution/delayQueue.ts'
import { delayQueueStep } from '../../../spec/machines/resolution/step.ts'
import { yieldsTo } from '../../../spec/machines/resolution/yields.ts'
import type { Counters } from '../counters.ts'
import { Timers } from '../flows/timers.ts'
import { printServiceId, serviceIdAt } from '../services/serviceId.ts'
import { Crowd, type OfSource } from './crowd.ts'
import { countDrop } from './drops.ts'

/** Something that waits, or is about to. Exactly one of `resume` and `fail` is called, once (invariant 50). */
export interface Delayed extends OfSource {
  /** It has waited before, and must not wait again (invariant 51). */
  readonly hasWaited: boolean
  /** Resolve it again. */
  resume(now: number): void
  /** `reason` is a number of spec/machines/resolution/reasons.ts. */
  fail(reason: number, now: number): void
  /** True if it equals something that waits already, such as a repeated SYN. */
  isSame?(other: Delayed): boolean
}

export interface DelayLimits {
  /** Limits on waiting things, for all services and for one. */
  readonly delayed: number
  readonly delayedForOne: number
  /** How often to ask for a service, and how long to wait for the first answer, doubled each time, ms. */
  readonly asks: number
  readonly askMs: number
}

class Queue {
  readonly state: DelayQueueState
  readonly service: Uint8Array
  readonly slot: number
  held: Delayed[] = []
  asked = 0

  constructor(service: Uint8Array, slot: number, cap: number) {
    this.state = { ...delayQueueStep().initial(), cap }
    this.service = service
    this.slot = slot
  }
}

export class Delays {
  readonly #limits: DelayLimits
  readonly #counters: Counters
  readonly #step = delayQueueStep()
  readonly #timers = new Timers()
  readonly #queues = new Map<string, Queue>()
  readonly #slots: (Queue | undefined)[] = []
  readonly #free: number[] = []
  /** Everything that waits. */
  readonly #crowd = new Crowd<Delayed>()
  readonly #queueOf = new Map<Delayed, Queue>()
  /** Called to ask for a service: when the first thing starts to wait for it, and again without an answer in time. */
  onMiss: (service: Uint8Array) => void = () => {}

  constructor(limits: DelayLimits, counters: Counters) {
    this.#limits = limits
    this.#counters = counters
  }

  /** The number of waiting things. */
  get size(): number {
    return this.#queueOf.size
  }

  /** Returns the services for which something waits. */
  services(): Uint8Array[] {
    return [...this.#queues.values()].map(({ service }) => service)
  }

  /** Waits for the service whose serviceID is at `at`. */
  add(bytes: Uint8Array, at: number, delayed: Delayed, now: number): void {
    const id = printServiceId(bytes, at)
    const known = this.#queues.get(id)
    const isKnown = known?.held.some(one => delayed.isSame?.(one)) ?? false
    if (!isKnown && !delayed.hasWaited) this.#makeRoom(known, delayed, now)
    const queue = this.#queues.get(id) ?? this.#open(serviceIdAt(bytes, at))
    const hasRoom = this.size < this.#limits.delayed
    const miss = { released: +delayed.hasWaited, known: +isKnown, room: +hasRoom }
    this.#take(queue, { type: 'MISS', ...miss }, delayed, now)
  }

  /** The rules have changed: resolves again what waits for the service. */
  answered(service: Uint8Array, now: number): void {
    this.#tell(service, 'ANSWERED', now)
  }

  /** The service does not exist. */
  unanswered(service: Uint8Array, now: number): void {
    this.#tell(service, 'UNANSWERED', now)
  }

  /** The controller is gone: drops everything that waits. */
  lost(now: number): void {
    for (const queue of [...this.#queues.values()]) this.#take(queue, { type: 'LOST' }, undefined, now)
  }

  nextTimeout(): number {
    return this.#timers.next()
  }

  /** Asks again, or gives up. */
  poll(now: number): void {
    for (let slot = this.#timers.due(now); slot >= 0; slot = this.#timers.due(now)) {
      const queue = must(this.#slots[slot])
      this.#take(queue, { type: queue.asked < this.#limits.asks ? 'TIMEOUT' : 'GIVEUP' }, undefined, now)
    }
  }

  #tell(service: Uint8Array, type: 'ANSWERED' | 'UNANSWERED', now: number): void {
    const queue = this.#queues.get(printServiceId(service))
    if (queue !== undefined) this.#take(queue, { type }, undefined, now)
  }

  /** If there is no place left, evicts something: from the queue if that is full, else from any. */
  #makeRoom(queue: Queue | undefined, delayed: Delayed, now: number): void {
    const isFull = queue !== undefined && queue.state.held >= queue.state.cap
    if (!isFull && this.size < this.#limits.delayed) return
    const crowd = this.#crowd
    const victim = isFull ? crowd.firstOf(queue.held) : crowd.first()
    if (victim === undefined || !yieldsTo(crowd.count(victim.source), crowd.count(delayed.source))) return
    const yielding = must(this.#queueOf.get(victim))
    yielding.held = yielding.held.filter(one => one !== victim)
    this.#remove(victim)
    this.#take(yielding, { type: 'YIELD' }, victim, now)
  }

  #remove(delayed: Delayed): void {
    this.#crowd.delete(delayed)
    this.#queueOf.delete(delayed)
  }

  /** Runs the queue's step, and carries out its effects. Callbacks run last, because they may call this again. */
  #take(queue: Queue, event: DelayQueueEvent, delayed: Delayed | undefined, now: number): void {
    const effects: DelayQueueEffect[] = []
    const { held } = queue
    this.#step.step(queue.state, event, effects, [])
    if (queue.state.held === 0) this.#close(queue)
    for (const effect of effects)
      switch (effect.type) {
        case 'hold':
          this.#hold(queue, must(delayed))
          break
        case 'arm':
          this.#arm(queue, now)
          break
        case 'drop':
        case 'evict':
          this.#fail([must(delayed)], effect.params.reason, now)
          break
        case 'purge':
          this.#fail(held, effect.params.reason, now)
          break
        case 'release':
          for (const one of held) one.resume(now)
          break
        // Below, when all else is done.
        case 'ask':
          break
        default:
          none(effect)
      }
    if (effects.some(({ type }) => type === 'ask')) this.onMiss(queue.service)
  }

  #hold(queue: Queue, delayed: Delayed): void {
    queue.held.push(delayed)
    this.#crowd.add(delayed)
    this.#queueOf.set(delayed, queue)
    this.#counters.delayed++
  }

  #arm(queue: Queue, now: number): void {
    this.#timers.schedule(queue.slot, now + this.#limits.askMs * 2 ** queue.asked)
    queue.asked++
  }

  #fail(all: readonly Delayed[], reason: number, now: number): void {
    for (const one of all) {
      countDrop(this.#counters, reason)
      one.fail(reason, now)
    }
  }

  #open(service: Uint8Array): Queue {
    const queue = new Queue(service, this.#free.pop() ?? this.#slots.length, this.#limits.delayedForOne)
    this.#slots[queue.slot] = queue
    this.#queues.set(printServiceId(service), queue)
    return queue
  }

  /** Nothing waits for the service any more. */
  #close(queue: Queue): void {
    this.#queues.delete(printServiceId(queue.service))
    this.#slots[queue.slot] = undefined
    this.#free.push(queue.slot)
    this.#timers.cancel(queue.slot)
    for (const one of queue.held) this.#remove(one)
  }
}
