/**
 * A host that both ends of a flow can still reach after both have moved at once: one binding, from a former address to
 * the current one. A RSYN that is sent to the former address is also sent here, and relayed to the current one. Its
 * receiver takes the first of the packet's sources as its sender, and answers there.
 *
 * A binding has a holder, the host that was at the address, and only moves forward: each announcement has a version. It
 * is leased. An expired binding is still remembered, so that a late announcement changes nothing.
 */
import { and, assign, setup } from 'xstate'
import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'
import { RSYN, RSYNACK } from '../flow/packets.ts'
import { NO_QUESTION, NOT_THE_HOLDER, RELAYED, STALE, UNBOUND } from './reasons.ts'

export interface RendezvousRegisters {
  /** The holder; 0 if none. */
  readonly holder: number
  /** The version of the last accepted announcement. */
  readonly version: number
  /** The holder's current address. */
  readonly address: number
}

/** The events and their fields. */
export const RENDEZVOUS_FIELDS = {
  /** A host announces where it is; `proved` is 1 when it has shown that it is, or was, at the address of the binding. */
  BIND: ['holder', 'version', 'address', 'proved'],
  /** A packet for the address has come here; `relayed` is 1 when it has sources, so it has been relayed before. */
  RELAY: ['kind', 'relayed'],
  /** The lease's timer. */
  EXPIRE: [],
} as const

export type RendezvousEvent = EventOf<typeof RENDEZVOUS_FIELDS>
type AnyEvent = AnyEventOf<typeof RENDEZVOUS_FIELDS>
interface Args {
  readonly context: RendezvousRegisters
  readonly event: AnyEvent
}

/** The effects of a binding, which its host carries out. */
export const rendezvousEffects = {
  /** Restarts the lease's timer. */
  arm: () => {},
  /** Sends the packet to the address, with its sender and this host among its sources. */
  relay: (_: unknown, _params: { to: number }) => {},
  /** Drops the packet and counts it under the reason. */
  drop: (_: unknown, _params: { reason: number }) => {},
  /** Reports the refusal of an announcement to the host. */
  refuse: (_: unknown, _params: { reason: number }) => {},
}

const definition = setup({
  types: { context: {} as RendezvousRegisters, events: {} as AnyEvent },
  guards: {
    isHolder: ({ context, event }: Args) => event.holder === context.holder,
    isNewer: ({ context, event }: Args) => event.version > context.version,
    isSame: ({ context, event }: Args) => event.version === context.version,
    isProved: ({ event }: Args) => event.proved === 1,
    /**
     * The packets of an end without another way (invariant 26). All others find their way through the answer, or have
     * none. Above all no ACK: an ACK at a new address means that the move to it is complete, and one sent to the old
     * address must not be mistaken for that.
     */
    asks: ({ event }: Args) => event.kind === RSYN || event.kind === RSYNACK,
    wasRelayed: ({ event }: Args) => event.relayed === 1,
  },
  actions: {
    adopt: assign({
      holder: ({ event }) => event.holder,
      version: ({ event }) => event.version,
      address: ({ event }) => event.address,
    }),
    ...rendezvousEffects,
  },
})

const dropFor = (reason: number) => ({ type: 'drop' as const, params: { reason } })
const refuseFor = (reason: number) => ({ type: 'refuse' as const, params: { reason } })
const onwards = { type: 'relay' as const, params: ({ context }: Args) => ({ to: context.address }) }

/** The machine of a binding at a rendezvous. */
export const rendezvousMachine = definition.createMachine({
  id: 'rendezvous',
  context: { holder: 0, version: 0, address: 0 },
  initial: 'UNBOUND',
  states: {
    UNBOUND: {
      on: {
        BIND: [
          { guard: and(['isHolder', 'isNewer']), target: 'BOUND', actions: ['adopt', 'arm'] },
          { guard: and(['isHolder', 'isSame']), target: 'BOUND', actions: ['arm'] },
          { guard: 'isHolder', actions: [refuseFor(STALE)] },
          { guard: 'isProved', target: 'BOUND', actions: ['adopt', 'arm'] },
          { actions: [refuseFor(NOT_THE_HOLDER)] },
        ],
        RELAY: { actions: [dropFor(UNBOUND)] },
      },
    },
    BOUND: {
      on: {
        BIND: [
          { guard: and(['isHolder', 'isNewer']), actions: ['adopt', 'arm'] },
          { guard: and(['isHolder', 'isSame']), actions: ['arm'] },
          { guard: 'isHolder', actions: [refuseFor(STALE)] },
          { actions: [refuseFor(NOT_THE_HOLDER)] },
        ],
        RELAY: [
          { guard: 'wasRelayed', actions: [dropFor(RELAYED)] },
          { guard: 'asks', actions: [onwards] },
          { actions: [dropFor(NO_QUESTION)] },
        ],
        EXPIRE: { target: 'UNBOUND' },
      },
    },
  },
})
