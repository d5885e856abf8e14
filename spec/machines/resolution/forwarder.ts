/**
 * Decides about a packet with a service's name at one hop, after the lookup in the service table: each target of a rule
 * is an event. It remembers nothing between packets, so a hop may forward any number of flows.
 */
import { setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'
import { MOST_HOPS } from './limits.ts'
import { BY_RULE, TOO_FAR, VISITED, WAS_BROADCAST } from './reasons.ts'

export interface ForwarderRegisters {
  /** The most forwarders that a packet may have passed before this one: it bounds loops that no address reveals. */
  readonly mostHops: number
}

/** The events and their fields: what the rule says, and what else decides. `broadcast` is 1 when the packet came by one. */
export const FORWARDER_FIELDS = {
  /** The rule names a listener of this host. */
  DEMUX: [],
  /**
   * The rule names the next hop `to`. `visited` is 1 when the next hop, or this one, is among the packet's sources, or the
   * next hop is this one (invariant 46). `hops` counts the forwarders that the packet has passed: one less than it has
   * sources, 0 without any.
   */
  FORWARD: ['broadcast', 'visited', 'hops', 'to'],
  /** The rule says to wait for more information. */
  DELAY: ['broadcast'],
  DROP: [],
  /** No rule matches. */
  UNMATCHED: ['broadcast'],
} as const

export type ForwarderEvent = EventOf<typeof FORWARDER_FIELDS>
export type AnyForwarderEvent = AnyEventOf<typeof FORWARDER_FIELDS>
interface Args {
  readonly context: ForwarderRegisters
  readonly event: AnyForwarderEvent
}

const dropFor = (reason: number) => ({ type: 'drop' as const, params: { reason } })
const onwards = { type: 'forward' as const, params: ({ event }: Args) => ({ to: event.to }) }

/** The effects of a forwarder, which its host carries out. */
export const forwarderEffects = {
  /** Passes the packet to the listener. */
  deliver: () => {},
  /** Sends the packet to the next hop, with this hop's address added to its sources. */
  forward: (_: unknown, _params: { to: number }) => {},
  /** Passes the packet to the delay queue. */
  delay: () => {},
  /** Drops the packet and counts it under the reason. */
  drop: (_: unknown, _params: { reason: number }) => {},
  /** Drops the packet and sends its sender a RST. */
  refuse: () => {},
}

const definition = setup({
  types: { context: {} as ForwarderRegisters, events: {} as AnyForwarderEvent },
  guards: {
    wasBroadcast: ({ event }: Args) => event.broadcast === 1,
    isVisited: ({ event }: Args) => event.visited === 1,
    isFar: ({ context, event }: Args) => event.hops >= context.mostHops,
  },
  actions: forwarderEffects,
})

/** A broadcast packet reached all hosts: those without a listener stay silent. */
const unlessBroadcast = { guard: 'wasBroadcast', actions: [dropFor(WAS_BROADCAST)] } as const

/** The machine of a first packet at one hop. */
export const forwarderMachine = definition.createMachine({
  id: 'forwarder',
  context: { mostHops: MOST_HOPS },
  initial: 'OPEN',
  states: {
    OPEN: {
      on: {
        DEMUX: { actions: ['deliver'] },
        FORWARD: [
          unlessBroadcast,
          { guard: 'isVisited', actions: [dropFor(VISITED)] },
          { guard: 'isFar', actions: [dropFor(TOO_FAR)] },
          { actions: [onwards] },
        ],
        DELAY: [unlessBroadcast, { actions: ['delay'] }],
        DROP: { actions: [dropFor(BY_RULE)] },
        UNMATCHED: [unlessBroadcast, { actions: ['refuse'] }],
      },
    },
  },
})
