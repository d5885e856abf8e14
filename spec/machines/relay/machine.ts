/**
 * One flow at a relay: a host that carries all packets of a flow between two ends behind translators (NAT). Each end sees the
 * relay as its peer. The flowID of the client identifies the flow; that of the server is known from its SYN-ACK.
 *
 * The relay sends only to addresses that have proved themselves: from each, a host holds a connection to the relay (`proved`). It
 * follows an end only when that connection moves. So nobody can direct packets through it at a third host.
 */
import { and, assign, setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'
import { RST, SYNACK } from '../flow/packets.ts'
import { OTHER_END, UNKNOWN, UNPROVED } from './reasons.ts'

export interface RelayRegisters {
  /** Where the client is. */
  readonly client: number
  /** Where the server is: the last one that was asked, then the one that has answered. */
  readonly server: number
  /** The server's flowID; 0 until it has answered. */
  readonly serverFlow: number
}

/** The events and their fields. */
export const RELAY_FIELDS = {
  /** The client's SYN, for the instance at `to`. `proved`: 1 if the hosts at both addresses hold connections to the relay. */
  SYN: ['from', 'to', 'proved'],
  /** A packet from the client's flow, for the flow `flow`. */
  FORTH: ['from', 'flow'],
  /** A packet for the client's flow, from the flow `flow`. */
  BACK: ['from', 'flow', 'kind'],
  /** The connection of a host to the relay has moved, and its new address is proved. */
  MOVED: ['from', 'to'],
  /** Nothing was carried for a long time. */
  EXPIRE: [],
} as const

export type RelayEvent = EventOf<typeof RELAY_FIELDS>
type AnyEvent = AnyEventOf<typeof RELAY_FIELDS>
interface Args {
  readonly context: RelayRegisters
  readonly event: AnyEvent
}

/** The effects of a flow at a relay, which its host carries out. */
export const relayEffects = {
  /** Restarts the timer. */
  arm: () => {},
  /** Sends the packet to the address. */
  carry: (_: unknown, _params: { to: number }) => {},
  /** Drops the packet and counts it under the reason. */
  drop: (_: unknown, _params: { reason: number }) => {},
}

const definition = setup({
  types: { context: {} as RelayRegisters, events: {} as AnyEvent },
  guards: {
    isProved: ({ event }: Args) => event.proved === 1,
    fromClient: ({ context, event }: Args) => event.from === context.client,
    fromServer: ({ context, event }: Args) => event.from === context.server,
    isServerFlow: ({ context, event }: Args) => event.flow === context.serverFlow,
    answers: ({ event }: Args) => event.kind === SYNACK,
    refuses: ({ event }: Args) => event.kind === RST,
  },
  actions: {
    open: assign({ client: ({ event }) => event.from, server: ({ event }) => event.to }),
    ask: assign({ server: ({ event }) => event.to }),
    bind: assign({ serverFlow: ({ event }) => event.flow }),
    follow: assign({
      client: ({ context, event }) => (event.from === context.client ? event.to : context.client),
      server: ({ context, event }) => (event.from === context.server ? event.to : context.server),
    }),
    clear: assign({ client: 0, server: 0, serverFlow: 0 }),
    ...relayEffects,
  },
})

const dropFor = (reason: number) => ({ type: 'drop' as const, params: { reason } })
const toAsked = { type: 'carry' as const, params: ({ event }: Args) => ({ to: event.to }) }
const toClient = { type: 'carry' as const, params: ({ context }: Args) => ({ to: context.client }) }
const toServer = { type: 'carry' as const, params: ({ context }: Args) => ({ to: context.server }) }

/** The machine of one flow at a relay. */
export const relayMachine = definition.createMachine({
  id: 'relay',
  context: { client: 0, server: 0, serverFlow: 0 },
  initial: 'FREE',
  states: {
    FREE: {
      on: {
        SYN: [
          { guard: 'isProved', target: 'ASKED', actions: ['open', toAsked, 'arm'] },
          { actions: [dropFor(UNPROVED)] },
        ],
        FORTH: { actions: [dropFor(UNKNOWN)] },
        BACK: { actions: [dropFor(UNKNOWN)] },
      },
    },
    // A repeated SYN may ask another instance. The last one that was asked may answer.
    ASKED: {
      on: {
        SYN: [
          { guard: and(['fromClient', 'isProved']), actions: ['ask', toAsked, 'arm'] },
          { guard: 'fromClient', actions: [dropFor(UNPROVED)] },
          { actions: [dropFor(OTHER_END)] },
        ],
        FORTH: { actions: [dropFor(UNKNOWN)] },
        BACK: [
          { guard: and(['fromServer', 'answers']), target: 'BOUND', actions: ['bind', toClient, 'arm'] },
          { guard: and(['fromServer', 'refuses']), actions: [toClient] },
          { actions: [dropFor(OTHER_END)] },
        ],
        MOVED: { actions: ['follow'] },
        EXPIRE: { target: 'FREE', actions: ['clear'] },
      },
    },
    BOUND: {
      on: {
        SYN: [{ guard: 'fromClient', actions: [toServer, 'arm'] }, { actions: [dropFor(OTHER_END)] }],
        FORTH: [
          { guard: and(['isServerFlow', 'fromClient']), actions: [toServer, 'arm'] },
          { actions: [dropFor(OTHER_END)] },
        ],
        BACK: [
          { guard: and(['isServerFlow', 'fromServer']), actions: [toClient, 'arm'] },
          { actions: [dropFor(OTHER_END)] },
        ],
        MOVED: { actions: ['follow'] },
        EXPIRE: { target: 'FREE', actions: ['clear'] },
      },
    },
  },
})
