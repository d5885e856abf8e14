/** One end of a flow, of which a capture shows what goes in and out: all the ways in which things may stand with it. */
import { at } from '../../checker/text/at.ts'
import { DATA, type Packet } from '../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import {
  actsThatSend,
  afterReceiving,
  type Configuration,
  couldSend,
  keyOf,
  matches,
  type Owed,
  silentActs,
} from './configuration.ts'
import type { Seen } from './observed.ts'

/** A host answers at once; captures of busy ones may be so much late. */
export const ANSWER_MS = 1000

/** Ways to keep in mind for one flow, and packets that it may not have taken yet. Real hosts leave a handful of both. */
const MOST_CONFIGURATIONS = 512
const MOST_WAITING = 4096
/** Ways to go through for one packet. */
const MOST_LOOKED_AT = 32_768

/** A packet, or a silence, that the specification cannot explain. */
export interface Contradiction {
  /** `unexplained`: nothing makes a host send this. `withheld`: a host would have answered this. */
  readonly kind: 'unexplained' | 'withheld'
  readonly packet: Seen
  /** What could have been sent instead, or what should have been. Data stands for any. */
  readonly expected: readonly Packet[]
}

export class ObservedEnd {
  /** The identity of the SYN that made the flow; empty for a client. */
  readonly synKey: string
  #configurations: readonly Configuration[]
  /** Packets that have come in; those that every way has taken are forgotten. */
  #inbox: Seen[] = []
  /** There were too many ways: nothing more is judged. */
  isLost = false
  #lookedAt = 0

  constructor(first: readonly Configuration[], synKey: string) {
    this.#configurations = first
    this.synKey = synKey
  }

  /** Whether the flow is over in every configuration. */
  get isGone(): boolean {
    return this.#configurations.every(({ state }) => state.connection === CONNECTION.CLOSED)
  }

  /** `beforeMs` is the time of the packet before it: between the two the host may have been stopped. */
  receive(packet: Seen, beforeMs: number): Contradiction | undefined {
    const late = this.settle(beforeMs)
    if (late) return late
    if (packet.kind === DATA && this.#configurations.every(c => this.#isUnmovedByData(c))) return undefined
    this.#inbox.push(packet)
    if (this.#inbox.length > MOST_WAITING) this.isLost = true
    return undefined
  }

  send(packet: Seen, beforeMs: number): Contradiction | undefined {
    const late = this.settle(beforeMs)
    if (late) return late
    this.#lookedAt = 0
    const before = this.#configurations
    const explained = before.flatMap(c => [...this.#explanations(c, packet)])
    if (this.isLost) return undefined
    if (explained.length > 0) this.#keep(explained)
    else return { kind: 'unexplained', packet, expected: this.#expected(packet) }
    return undefined
  }

  /** What came long ago has been taken by now, and what it made the host send has been seen. */
  settle(nowMs: number): Contradiction | undefined {
    const isDue = (packet: Seen): boolean => packet.timeMs < nowMs - ANSWER_MS
    const isLate = ({ because, isOptional }: Owed): boolean => !isOptional && isDue(because)
    const stands = (c: Configuration): boolean => !c.owed.some(isLate)
    const still = this.#inbox.findIndex(packet => !isDue(packet))
    const count = still < 0 ? this.#inbox.length : still
    const before = this.#configurations
    if (count === 0 && before.every(stands)) return undefined
    this.#lookedAt = 0
    const direct = before.flatMap(c => this.#takeUpTo(c, count))
    const standing = direct.filter(stands)
    const settled = standing.length > 0 ? standing : before.flatMap(c => this.#settled(c, count, stands))
    if (this.isLost) return undefined
    if (settled.length > 0) {
      // What may be left out, and was, is not sent later.
      this.#keep(settled.map(c => ({ ...c, owed: c.owed.filter(({ because }) => !isDue(because)) })))
      return undefined
    }
    const late = direct.flatMap(({ owed }) => owed.filter(isLate))
    const packet = late.map(({ because }) => because).reduce((a, b) => (b.number < a.number ? b : a))
    const expected = late.filter(({ because }) => because === packet).map(owed => owed.packet)
    return { kind: 'withheld', packet, expected: distinct(expected, valuesOf) }
  }

  /** All ways to stand after what nobody sees: packets taken, and silent acts, until something has to be sent. */
  *#unseen(start: Configuration): Generator<Configuration> {
    const seen = new Set<string>()
    const open = [start]
    for (let c = open.pop(); c !== undefined; c = open.pop()) {
      if (seen.has(keyOf(c))) continue
      if (this.#isTooMany()) return
      seen.add(keyOf(c))
      yield c
      const [first, ...rest] = c.owed
      if (first !== undefined) {
        if (first.isOptional) open.push({ ...c, owed: rest })
        continue
      }
      open.push(...silentActs(c))
      if (c.taken < this.#inbox.length) open.push(...afterReceiving(c, at(this.#inbox, c.taken)))
    }
  }

  /** All ways to come to this packet. */
  *#explanations(start: Configuration, packet: Seen): Generator<Configuration> {
    for (const c of this.#unseen(start)) {
      const [first, ...rest] = c.owed
      if (first === undefined) yield* actsThatSend(c, packet)
      else if (matches(first.packet, packet)) yield { ...c, owed: rest }
    }
  }

  #expected({ from }: Seen): Packet[] {
    const ways = this.#configurations.flatMap(c => [...this.#unseen(c)])
    return distinct(
      ways.flatMap(c => [...couldSend(c, from)]),
      valuesOf,
    )
  }

  /** Data change nothing in an open flow, and nobody can close one unseen. */
  #isUnmovedByData(c: Configuration): boolean {
    return isOpen(c) && this.#takeUpTo(c, this.#inbox.length).every(isOpen)
  }

  #takeUpTo(start: Configuration, count: number): Configuration[] {
    let ways = [start]
    for (let { taken } = start; taken < count; taken++)
      ways = distinct(
        ways.flatMap(c => [...afterReceiving(c, at(this.#inbox, taken))]),
        keyOf,
      )
    return ways
  }

  /** The same with acts in between that nobody saw. */
  #settled(start: Configuration, count: number, stands: (c: Configuration) => boolean): Configuration[] {
    const [seen, open, found] = [new Set<string>(), [start], [] as Configuration[]]
    for (let c = open.pop(); c !== undefined; c = open.pop()) {
      if (seen.has(keyOf(c))) continue
      if (this.#isTooMany()) break
      seen.add(keyOf(c))
      if (!stands(c)) continue
      if (c.taken >= count) found.push(c)
      else open.push(...afterReceiving(c, at(this.#inbox, c.taken)))
      open.push(...silentActs(c))
    }
    return found
  }

  #isTooMany(): boolean {
    if (++this.#lookedAt > MOST_LOOKED_AT) this.isLost = true
    return this.isLost
  }

  #keep(ways: readonly Configuration[]): void {
    const configurations = distinct(ways, keyOf)
    if (configurations.length > MOST_CONFIGURATIONS) this.isLost = true
    const done = Math.min(...configurations.map(({ taken }) => taken))
    this.#inbox.splice(0, done)
    this.#configurations = configurations.map(c => ({ ...c, taken: c.taken - done }))
  }
}

const valuesOf = (packet: Packet): string => Object.values(packet).join()

const distinct = <T>(all: readonly T[], keyOf: (one: T) => string): T[] =>
  all.length === 1 ? [...all] : [...new Map(all.map(one => [keyOf(one), one])).values()]

const isOpen = ({ state }: Configuration): boolean =>
  state.connection === CONNECTION.CONNECTED || state.connection === CONNECTION.CLOSEWAIT
