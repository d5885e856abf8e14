/**
 * One connection at one of its ends: which flows it has, and what happens to them together. Each flow keeps its own machine;
 * this one decides who may join, which flow may end while the others go on, what the peer has to know, and when everything is
 * over.
 *
 * Each end closes its own direction: it sends its FIN in every flow. Flows join as long as either direction carries data. A FIN
 * ends the peer's direction, in whatever flow it comes. An end that removes a flow resets it. Only the opener of the connection
 * does so; the accepter asks for it by an advertisement. The opener waits until the peer has confirmed another flow. So neither
 * two ends that each remove a flow at the same time, nor one whose other flow the peer does not have, remove the last one
 * (invariant 35).
 */
import { and, assign, setup } from 'xstate'
import { next, notBefore } from '../flow/serial.ts'
import type { AnyConnectionEvent } from './events.ts'
import { ENDED, LAST_FLOW, NO_ROOM, NOT_OPEN, UNPROVED } from './reasons.ts'

/** Sets of flows are sets of bits. */
export interface ConnectionRegisters {
  /** Values on the circle of the versions of advertisements. Constant. */
  readonly space: number
  /** 1: this end opened the connection. Constant. */
  readonly opener: number
  /** Flows whose handshake is in progress. */
  readonly pending: number
  readonly live: number
  /** Among them, those of which the opener knows that they are connected at the peer too. Empty at the accepter. */
  readonly confirmed: number
  /** Among the live ones, those that this end wants to end. */
  readonly unwanted: number
  /** Flows that the peer wants to end. */
  readonly wished: number
  /** Flows on which this end wants data only while no other works, and those on which the peer does. */
  readonly backups: number
  readonly spared: number
  /** 1: this end has finished: the peer has all its data, and its end. */
  readonly finished: number
  /** 1: the peer has finished. */
  readonly heard: number
  /** The version of this end's advertisement. */
  readonly version: number
  /** 1: the peer has not echoed it yet. */
  readonly owed: number
  /** The version of the peer's newest advertisement. */
  readonly peerVersion: number
}

interface Args {
  readonly context: ConnectionRegisters
  readonly event: AnyConnectionEvent
}

/** The version circle of real advertisements. */
export const ADVERT_SPACE = 2 ** 16

/**
 * Handshakes that one SYN may begin from different addresses. Somebody who has seen it can send copies; the joiner's own one needs
 * a place too.
 */
export const MOST_COPIES = 2

/** Returns the set without the flow. */
export const without = (set: number, flow: number): number => set - (set & flow)

/** Returns the live flows that this end wants to keep. */
export const wanted = (context: ConnectionRegisters): number => without(context.live, context.unwanted)

/** The effects of a connection, which its host carries out. */
export const connectionEffects = {
  /** A flow of this end begins to join. */
  join: (_: unknown, _params: { flow: number }) => {},
  /** The SYN becomes a flow. */
  welcome: (_: unknown, _params: { flow: number }) => {},
  /** The SYN goes to the flow that it created. */
  again: () => {},
  /** The join or the removal fails. Only a SYN that proves the keys is answered with a RST: anybody can send others. */
  reject: (_: unknown, _params: { reason: number }) => {},
  /** The flow carries data from now on. */
  use: (_: unknown, _params: { flow: number }) => {},
  /** The flow carries no data any more: what it has not delivered goes to the others. */
  leave: (_: unknown, _params: { flow: number }) => {},
  /** On these flows, and no others, data leaves only while no other flow works. */
  mark: (_: unknown, _params: { flows: number }) => {},
  /** The peer has finished: the transport may trust the end that it has seen. */
  confirmEnd: (_: unknown, _params: { flow: number }) => {},
  /** Closes these flows. */
  close: (_: unknown, _params: { flows: number }) => {},
  /** Resets these flows. */
  abort: (_: unknown, _params: { flows: number }) => {},
  /** The peer may have forgotten these flows too: a packet on each finds out. */
  probe: (_: unknown, _params: { flows: number }) => {},
  /** Sends the newest advertisement on a flow that works, and starts its timer. */
  advertise: () => {},
  /** The host knows the peer's addresses and wishes from now on, and steps HEED for each of these flows. */
  adopt: (_: unknown, _params: { flows: number }) => {},
  /** Tells the peer that this version has arrived. */
  echo: (_: unknown, _params: { version: number }) => {},
  /** Steps HEED for each of these flows. */
  heed: (_: unknown, _params: { flows: number }) => {},
  /** No flow is left. */
  over: (_: unknown, _params: { why: number }) => {},
}

const definition = setup({
  types: { context: {} as ConnectionRegisters, events: {} as AnyConnectionEvent },
  guards: {
    hasRoom: ({ event }: Args) => event.flow !== 0,
    proves: ({ event }: Args) => event.proves === 1,
    known: ({ event }: Args) => event.known === 1,
    /** Somebody who has seen the SYN of a flow could otherwise fill the connection with handshakes, now or later. */
    isNews: ({ event }: Args) => event.spent === 0 && event.copies < MOST_COPIES,
    isBackup: ({ event }: Args) => event.backup === 1,
    isOwnBackup: ({ context, event }: Args) => (context.backups & event.flow) !== 0,
    isPending: ({ context, event }: Args) => (context.pending & event.flow) !== 0,
    isKnown: ({ context, event }: Args) => ((context.live | context.pending) & event.flow) !== 0,
    isLive: ({ context, event }: Args) => (context.live & event.flow) !== 0,
    /**
     * No other flow is left, and none joins: the peer may have removed the last live flow because it has proved another one to
     * this end, whose proof is still under way.
     */
    isLast: ({ context, event }: Args) => without(context.live | context.pending, event.flow) === 0,
    /** Another flow may stay when this one ends. */
    isSpare: ({ context, event }: Args) =>
      (wanted(context) & event.flow) !== 0 && without(wanted(context), event.flow) !== 0,
    /** Another flow stays at both ends when this one ends. */
    isReplaced: ({ context, event }: Args) => without(wanted(context) & context.confirmed, event.flow) !== 0,
    hasLive: ({ context }: Args) => context.live !== 0,
    hasFinished: ({ context }: Args) => context.finished === 1,
    hasHeard: ({ context }: Args) => context.heard === 1,
    /** A FIN before the end of the data is not the peer's close: it has only ended this flow. */
    hasEnded: ({ event }: Args) => event.ended === 1,
    isOpener: ({ context }: Args) => context.opener === 1,
    areUnwanted: ({ context, event }: Args) => (context.unwanted & event.flows) !== 0,
    isWished: ({ context, event }: Args) => ((context.unwanted | context.wished) & event.flow) !== 0,
    isReset: ({ event }: Args) => event.why === ENDED.RESET,
    isOwed: ({ context }: Args) => context.owed === 1,
    isNewer: ({ context, event }: Args) =>
      event.version !== context.peerVersion && notBefore(event.version, context.peerVersion, context.space),
    isSame: ({ context, event }: Args) => event.version === context.peerVersion,
    isCurrent: ({ context, event }: Args) => event.version === context.version,
  },
  actions: {
    expect: assign({ pending: ({ context, event }) => context.pending | event.flow }),
    markOwn: assign({ backups: ({ context, event }) => context.backups | event.flow }),
    unmarkOwn: assign({ backups: ({ context, event }) => without(context.backups, event.flow) }),
    spare: assign({ spared: ({ context, event }) => context.spared | event.flow }),
    include: assign({
      pending: ({ context, event }) => without(context.pending, event.flow),
      live: ({ context, event }) => context.live | event.flow,
    }),
    exclude: assign({
      pending: ({ context, event }) => without(context.pending, event.flow),
      live: ({ context, event }) => without(context.live, event.flow),
      confirmed: ({ context, event }) => without(context.confirmed, event.flow),
      unwanted: ({ context, event }) => without(context.unwanted, event.flow),
      wished: ({ context, event }) => without(context.wished, event.flow),
      backups: ({ context, event }) => without(context.backups, event.flow),
      spared: ({ context, event }) => without(context.spared, event.flow),
    }),
    confirm: assign({ confirmed: ({ context, event }) => context.confirmed | event.flow }),
    wish: assign({ unwanted: ({ context, event }) => context.unwanted | event.flow }),
    keep: assign({ unwanted: ({ context, event }) => without(context.unwanted, event.flows) }),
    dropPending: assign({ pending: 0 }),
    finish: assign({ finished: 1 }),
    hear: assign({ heard: 1 }),
    revise: assign({ version: ({ context }) => next(context.version, context.space), owed: 1 }),
    settle: assign({ owed: 0 }),
    note: assign({
      peerVersion: ({ event }) => event.version,
      wished: ({ event }) => event.wishes,
      // For a flow that the advertisement does not name, its SYN is newer.
      spared: ({ context, event }) => without(context.spared, event.named) | event.backups,
    }),
    forget: assign({
      pending: 0,
      live: 0,
      confirmed: 0,
      unwanted: 0,
      wished: 0,
      backups: 0,
      spared: 0,
      owed: 0,
    }),
    ...connectionEffects,
  },
})

/** A repetition of another flow's SYN proves nothing. */
const provesAnew = and(['proves', 'isNews'])

const ofFlow = ({ event }: Args) => ({ flow: event.flow })

const joinFlow = { type: 'join' as const, params: ofFlow }
const welcome = { type: 'welcome' as const, params: ofFlow }
const use = { type: 'use' as const, params: ofFlow }
const leave = { type: 'leave' as const, params: ofFlow }
const rejectFor = (reason: number) => ({ type: 'reject' as const, params: { reason } })
const abortFlow = { type: 'abort' as const, params: ({ event }: Args) => ({ flows: event.flow }) }
const confirmEnd = { type: 'confirmEnd' as const, params: ofFlow }
const closeFlow = { type: 'close' as const, params: ({ event }: Args) => ({ flows: event.flow }) }
const closeFinished = {
  type: 'close' as const,
  params: ({ context, event }: Args) => ({ flows: context.finished === 1 ? event.flow : 0 }),
}
const mark = {
  type: 'mark' as const,
  params: ({ context }: Args) => ({ flows: context.backups | context.spared }),
}
const closeAll = { type: 'close' as const, params: ({ context }: Args) => ({ flows: context.live }) }
const abortPending = { type: 'abort' as const, params: ({ context }: Args) => ({ flows: context.pending }) }
const abortAll = {
  type: 'abort' as const,
  params: ({ context }: Args) => ({ flows: context.live | context.pending }),
}
const probeOthers = {
  type: 'probe' as const,
  params: ({ context, event }: Args) => ({ flows: without(context.live, event.flow) }),
}
/** A peer that refuses a flow may have forgotten the connection. */
const probeIfRefused = {
  type: 'probe' as const,
  params: ({ context, event }: Args) => ({ flows: event.why === ENDED.RESET ? context.live : 0 }),
}
/** A flow that the peer does not have ends by this, and one that it has is confirmed. */
const probeUnconfirmed = {
  type: 'probe' as const,
  params: ({ context }: Args) => ({ flows: without(context.live, context.confirmed) }),
}
const adopt = { type: 'adopt' as const, params: ({ event }: Args) => ({ flows: event.wishes }) }
const echo = { type: 'echo' as const, params: ({ event }: Args) => ({ version: event.version }) }
const heed = {
  type: 'heed' as const,
  params: ({ context }: Args) => ({ flows: context.unwanted | context.wished }),
}
const over = { type: 'over' as const, params: ({ event }: Args) => ({ why: event.why }) }
const overBy = (why: number) => ({ type: 'over' as const, params: { why } })

const down = [
  { guard: and(['isKnown', 'isLast']), target: 'OVER', actions: [over, 'forget'] },
  { guard: and(['isLive', 'isReset']), actions: [leave, probeOthers, 'exclude'] },
  { guard: 'isLive', actions: [leave, 'exclude'] },
  { guard: 'isPending', actions: [probeIfRefused, 'exclude'] },
] as const

/** Handshakes that nobody waits for any more. */
const endJoins = [abortPending, 'dropPending', 'settle'] as const

const abort = { target: 'OVER', actions: [abortAll, overBy(ENDED.ABORTED), 'forget'] } as const

const echoed = { guard: and(['proves', 'isOwed', 'isCurrent']), actions: ['settle'] } as const

/** The machine of a connection. */
export const connectionMachine = definition.createMachine({
  id: 'flows',
  context: {
    ...{ space: ADVERT_SPACE, opener: 0, pending: 0, live: 0, confirmed: 0, unwanted: 0, wished: 0 },
    ...{ backups: 0, spared: 0 },
    ...{ finished: 0, heard: 0, version: 0, owed: 0, peerVersion: 0 },
  },
  initial: 'OPEN',
  states: {
    // At least one direction carries data.
    OPEN: {
      on: {
        ADD: [
          { guard: and(['hasRoom', 'isBackup']), actions: ['expect', 'markOwn', joinFlow] },
          { guard: 'hasRoom', actions: ['expect', joinFlow] },
          { actions: [rejectFor(NO_ROOM)] },
        ],
        JOIN: [
          { guard: 'known', actions: ['again'] },
          { guard: and([provesAnew, 'hasRoom', 'isBackup']), actions: ['expect', 'spare', welcome] },
          { guard: and([provesAnew, 'hasRoom']), actions: ['expect', welcome] },
          { guard: provesAnew, actions: [rejectFor(NO_ROOM)] },
          { actions: [rejectFor(UNPROVED)] },
        ],
        UP: [
          // The peer knows of the backup from the SYN. An older advertisement that is still on its way must not unmark it.
          {
            guard: and(['isPending', 'isOwnBackup']),
            actions: ['include', use, mark, closeFinished, 'revise', 'advertise'],
          },
          { guard: 'isPending', actions: ['include', use, mark, closeFinished] },
        ],
        CONFIRMED: { guard: and(['isOpener', 'isLive']), actions: ['confirm', heed] },
        MARK: [
          { guard: and(['isKnown', 'isBackup']), actions: ['markOwn', mark, 'revise', 'advertise'] },
          { guard: 'isKnown', actions: ['unmarkOwn', mark, 'revise', 'advertise'] },
        ],
        DOWN: down,
        REMOVE: [
          { guard: and(['isSpare', 'isReplaced', 'isOpener']), actions: [abortFlow] },
          { guard: and(['isSpare', 'isOpener']), actions: ['wish', probeUnconfirmed] },
          { guard: 'isSpare', actions: ['wish', 'revise', 'advertise'] },
          { actions: [rejectFor(LAST_FLOW)] },
        ],
        KEEP: [
          { guard: and(['areUnwanted', 'isOpener']), actions: ['keep', heed] },
          { guard: 'areUnwanted', actions: ['keep', 'revise', 'advertise'] },
        ],
        HEED: { guard: and(['isLive', 'isWished', 'isReplaced', 'isOpener']), actions: [abortFlow] },
        CHANGE: { actions: ['revise', 'advertise'] },
        RETRY: { guard: 'isOwed', actions: ['advertise'] },
        ADVERTISED: [
          // The echo leaves first: the peer may ask for the end of the flow by which it comes, whose path works.
          { guard: and(['proves', 'isNewer']), actions: ['note', echo, adopt, mark] },
          { guard: and(['proves', 'isSame']), actions: [echo] },
        ],
        ECHOED: echoed,
        CLOSE: [
          {
            guard: and(['hasHeard', 'hasLive']),
            target: 'CLOSING',
            actions: ['finish', closeAll, ...endJoins],
          },
          // Only a flow that joins is left: it has to tell the peer.
          { guard: 'hasHeard', target: 'CLOSING', actions: ['finish', 'settle'] },
          { actions: ['finish', closeAll] },
        ],
        FIN: [
          {
            guard: and(['isLive', 'hasEnded', 'hasFinished']),
            target: 'CLOSING',
            actions: ['hear', confirmEnd, ...endJoins],
          },
          { guard: and(['isLive', 'hasEnded']), actions: ['hear', confirmEnd] },
        ],
        ABORT: abort,
      },
    },
    // Both ends have finished. Each flow still has its own machine, and none joins any more.
    CLOSING: {
      on: {
        ADD: { actions: [rejectFor(NOT_OPEN)] },
        JOIN: [
          { guard: 'known', actions: ['again'] },
          { guard: provesAnew, actions: [rejectFor(NOT_OPEN)] },
          { actions: [rejectFor(UNPROVED)] },
        ],
        UP: { guard: 'isPending', actions: ['include', use, closeFlow] },
        DOWN: down,
        REMOVE: { actions: [rejectFor(NOT_OPEN)] },
        ADVERTISED: { guard: 'proves', actions: [echo] },
        ABORT: abort,
      },
    },
    // No flow is left that could name the connection.
    OVER: {},
  },
})
