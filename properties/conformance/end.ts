/** One end of a flow, of which a capture shows what goes in and out: all the ways in which things may stand with it. */
import { DATA } from '../../spec/flow/packets.ts'
import { CONNECTION } from '../../spec/flow/states.ts'
import {
  actsThatSend,
  afterReceiving,
  type Configuration,
  keyOf,
  matches,
  type Owed,
  silentActs,
} from './configuration.ts'
import type { Seen } from './observed.ts'

/** A host answers at once; captures of busy ones may be so much late. */
const ANSWER_MS = 1000

/** Ways to keep in mind for one flow. Traffic of real hosts leaves a handful. */
const MOST_CONFIGURATIONS = 512

/** What the specification cannot explain. */
export interface Contradiction {
  /** `unexplained`: nothing makes a host send this. `withheld`: a host would have answered this. */
  readonly kind: 'unexplained' | 'withheld'
  readonly packet: Seen
  /** How things could stand before it. */
  readonly considered: readonly Configuration[]
}

export class End {
  readonly flow: number
  /** What identifies the SYN that it was made from; empty for a client. */
  readonly synKey: string
  #configurations: readonly Configuration[]
  /** Packets that have come in; those that every way has taken are forgotten. */
  #inbox: Seen[] = []
  /** There were too many ways: nothing more is judged. */
  isLost = false

  constructor(flow: number, first: Configuration, synKey = '') {
    this.flow = flow
    this.synKey = synKey
    this.#configurations = [first]
  }

  get configurations(): readonly Configuration[] {
    return this.#configurations
  }

  /** It is over in every way. */
  get isGone(): boolean {
    return this.#configurations.every(({ state }) => state.connection === CONNECTION.CLOSED)
  }

  receive(packet: Seen): Contradiction | undefined {
    const late = this.#settle(packet.timeMs)
    if (late) return late
    if (packet.kind === DATA && this.#inbox.length === 0 && this.#configurations.every(isUnmovedByData))
      return undefined
    this.#inbox.push(packet)
    return undefined
  }

  send(packet: Seen): Contradiction | undefined {
    const late = this.#settle(packet.timeMs)
    if (late) return late
    const considered = this.#configurations
    const explained = this.#distinct(considered.flatMap(c => [...this.#explanations(c, packet)]))
    if (explained.length === 0) return { kind: 'unexplained', packet, considered }
    this.#keep(explained)
    return undefined
  }

  /** At the end of the capture: what is owed for long has been withheld. */
  finish(timeMs: number): Contradiction | undefined {
    return this.#settle(timeMs)
  }

  /** All ways to come to this packet from `start`: packets taken, acts that nobody sees, and what sends it. */
  *#explanations(start: Configuration, packet: Seen): Generator<Configuration> {
    const seen = new Set<string>()
    const open = [start]
    for (let c = open.pop(); c !== undefined; c = open.pop()) {
      if (seen.has(keyOf(c))) continue
      seen.add(keyOf(c))
      const [first, ...rest] = c.owed
      if (first !== undefined) {
        if (matches(first.packet, packet)) yield { ...c, owed: rest }
        if (first.isOptional) open.push({ ...c, owed: rest })
        continue
      }
      yield* actsThatSend(c, packet)
      open.push(...silentActs(c))
      if (c.taken < this.#inbox.length) open.push(afterReceiving(c, this.#inbox[c.taken]!))
    }
  }

  /** What came long ago has been taken by now, and what it made the host send has been seen. */
  #settle(nowMs: number): Contradiction | undefined {
    const isDue = ({ sinceMs }: Owed): boolean => sinceMs < nowMs - ANSWER_MS
    const considered = this.#configurations
    const stands = (c: Configuration): boolean => !c.owed.some(owed => !owed.isOptional && isDue(owed))
    const dueCount = this.#inbox.filter(({ timeMs }) => timeMs < nowMs - ANSWER_MS).length
    if (dueCount === 0 && considered.every(stands)) return undefined
    const direct = considered.map(c => this.#takeUpTo(c, dueCount)).filter(stands)
    const standing = direct.length > 0 ? direct : considered.flatMap(c => this.#settled(c, dueCount, stands))
    if (standing.length > 0) {
      this.#keep(this.#distinct(standing))
      return undefined
    }
    const packet = considered.flatMap(c => this.#inbox.slice(c.taken, dueCount))[0] ?? this.#last
    return packet && { kind: 'withheld', packet, considered }
  }

  #takeUpTo(start: Configuration, count: number): Configuration {
    let c = start
    while (c.taken < count) c = afterReceiving(c, this.#inbox[c.taken]!)
    return c
  }

  /** The same with acts in between that nobody saw. */
  #settled(start: Configuration, count: number, stands: (c: Configuration) => boolean): Configuration[] {
    const [seen, open, found] = [new Set<string>(), [start], [] as Configuration[]]
    for (let c = open.pop(); c !== undefined; c = open.pop()) {
      if (seen.has(keyOf(c))) continue
      seen.add(keyOf(c))
      if (!stands(c)) continue
      if (c.taken >= count) found.push(c)
      else open.push(afterReceiving(c, this.#inbox[c.taken]!))
      open.push(...silentActs(c))
    }
    return found
  }

  #last: Seen | undefined

  #distinct(configurations: readonly Configuration[]): Configuration[] {
    return [...new Map(configurations.map(c => [keyOf(c), c])).values()]
  }

  #keep(configurations: readonly Configuration[]): void {
    if (configurations.length > MOST_CONFIGURATIONS) this.isLost = true
    this.#last = this.#inbox.at(-1) ?? this.#last
    const done = Math.min(...configurations.map(({ taken }) => taken))
    this.#inbox.splice(0, done)
    this.#configurations = configurations.map(c => ({ ...c, taken: c.taken - done }))
  }
}

/** Data change nothing in an open flow, and nobody can have closed it unseen. */
const isUnmovedByData = ({ state, owed }: Configuration): boolean =>
  owed.length === 0 &&
  (state.connection === CONNECTION.CONNECTED || state.connection === CONNECTION.CLOSEWAIT)
