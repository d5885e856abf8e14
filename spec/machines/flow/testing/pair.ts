/** Two flows and the packets between them, stepped by XState itself, for readable scenarios. */
import { type AnyMachineSnapshot, transition } from 'xstate'
import { openedBy } from '../../listener/handshakes.ts'
import type { FlowEvent } from '../events.ts'
import { flowMachine } from '../machine.ts'
import { NOTICES } from '../notices.ts'
import { KINDS, type Packet } from '../packets.ts'
import type { Registers } from '../registers.ts'

export type EndName = 'client' | 'server'

/** Addresses 1 and 2 are the client's, 3 and 4 the server's. */
const endAt = (address: number): EndName => (address <= 2 ? 'client' : 'server')

/** Initial versions just before the wrap-around, so that every scenario crosses it. */
const CLIENT = { flow: 11, nonce: 101, verno: 2 ** 32 - 2, from: 1, to: 3, capabilities: 0, joins: 0 }
const SERVER = { flow: 22, nonce: 202, verno: 2 ** 32 - 1 }

export class Pair {
  /** Packets in flight, oldest first. */
  flight: Packet[] = []
  /** Packets and notices since the last {@link log}. */
  private story: string[] = []
  private readonly ends: Record<EndName, AnyMachineSnapshot>
  private readonly claimed: number

  /** `claimed` 1: only SOURCE names the origin of the client's SYNs. */
  constructor(claimed = 0) {
    this.claimed = claimed
    const first = () =>
      flowMachine.resolveState({
        value: { connection: 'INIT', migration: 'INITIAL' },
        context: flowMachine.config.context as never,
      })
    this.ends = { client: first(), server: first() }
  }

  /** `CONNECTED`, or `CONNECTED RSYN_SENT` while it moves. */
  state(end: EndName): string {
    const { connection, migration } = this.ends[end].value as Record<string, string>
    return migration === 'INITIAL' ? (connection as string) : `${connection} ${migration}`
  }

  states = (): string[] => [this.state('client'), this.state('server')]

  registers = (end: EndName): Registers => this.ends[end].context

  /** The addresses of each end, and of its peer as it knows them. */
  addresses(): string[] {
    return (['client', 'server'] as const).map(
      end => `${this.registers(end).local}>${this.registers(end).peer}`,
    )
  }

  does(end: EndName, event: FlowEvent): this {
    const [next, actions] = transition(flowMachine, this.ends[end], event as never)
    this.ends[end] = next as AnyMachineSnapshot
    for (const { type, params } of actions) {
      if (type === 'transmit') {
        const packet = params as Packet
        this.flight.push(packet)
        this.story.push(`${KINDS[packet.kind]}${packet.fin === 1 ? '+FIN' : ''} ${packet.from}>${packet.to}`)
      }
      if (type === 'notify') this.story.push(`${end}: ${NOTICES[(params as { notice: number }).notice]}`)
      if (type === 'deliver') this.story.push(`${end}: data`)
    }
    return this
  }

  connect = (): this => this.does('client', { type: 'CONNECT', ...CLIENT })

  /** Delivers a packet. A server admits a SYN that it does not know. */
  receive(packet: Packet): this {
    const end = endAt(packet.to)
    const { kind, ...sent } = packet
    const fields = { ...sent, token: 0, proves: 0 }
    const type = KINDS[kind] as 'ACK'
    if (KINDS[kind] !== 'SYN' || this.state(end) !== 'INIT') return this.does(end, { type, ...fields })
    const { flow, nonce, verno } = SERVER
    return this.does(end, { type: 'ACCEPT', ...openedBy(fields, flow, nonce, verno, this.claimed, 0, 0) })
  }

  /** Delivers the oldest packets, or those of one kind only. */
  deliver(count = 1): this {
    for (let i = 0; i < count; i++) this.receive(this.flight.shift() as Packet)
    return this
  }

  lose(): this {
    this.flight.shift()
    return this
  }

  /** Delivers everything in order until both ends are silent. */
  settle(): this {
    for (let i = 0; this.flight.length > 0; i++) {
      if (i > 50) throw new Error(`the two ends never stop: ${this.story.join(', ')}`)
      this.deliver()
    }
    return this
  }

  log(): string[] {
    const { story } = this
    this.story = []
    return story
  }
}

/** Returns two connected ends. */
export function connected(): Pair {
  const pair = new Pair().connect().settle()
  pair.log()
  return pair
}
