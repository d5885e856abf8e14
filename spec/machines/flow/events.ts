import type { AnyEventOf, EventOf } from '../../../checker/lower/typed.ts'

/**
 * The fields of a received control packet or datagram, and its addresses. `capabilities`: those that it names; `token`: the
 * reset token that it tells, or 0.
 * `challenge` 1: it carries a challenge. `echo` 1: it returns the challenge that this end drew last. `proves` 1: it carries a
 * valid proof that its sender has the keys of the connection that the flow joins.
 */
const RECEIVED = [
  ...[
    'verno',
    'ackno',
    'nonce',
    'fin',
    'srcFlow',
    'dstFlow',
    'from',
    'to',
    'capabilities',
    'token',
    'challenge',
    'echo',
    'proves',
  ],
] as const
/**
 * The fields of a passive open: `flow`, `nonce` and `verno` are this end's, `capabilities` those that both ends have, the
 * rest is the SYN's.
 */
const PASSIVE = [
  ...['flow', 'nonce', 'verno', 'peerFlow', 'peerNonce', 'peerVerno', 'from', 'to', 'capabilities'],
] as const

/**
 * The events of a flow and their fields. Applications and operators act in the first group, the network in the second,
 * timers in the third.
 */
export const EVENT_FIELDS = {
  LISTEN: [],
  /** `capabilities`: those that this end offers. `joins` 1: the flow joins a connection. */
  CONNECT: ['flow', 'nonce', 'verno', 'from', 'to', 'capabilities', 'joins'],
  /**
   * A listener admits a SYN. `claimed` is 1 when only its SOURCE says that it is from `from`: anybody can write that. Or a
   * connection admits the SYN of a flow that joins it: then `joins` is 1.
   */
  ACCEPT: [...PASSIVE, 'claimed', 'joins'],
  /** A listener confirms a handshake of which it kept nothing. */
  CONFIRM: [...PASSIVE, 'token'],
  /** `here`: 1 if the host has the flow's address. */
  SEND: ['here'],
  MOVE: ['address'],
  CLOSE: [],
  ABORT: [],

  SYN: RECEIVED,
  SYNACK: RECEIVED,
  ACK: RECEIVED,
  RSYN: RECEIVED,
  RSYNACK: RECEIVED,
  FIN: RECEIVED,
  RST: RECEIVED,
  DATA: RECEIVED,

  /** The retransmission timer, which runs while something is owed. */
  TIMEOUT: [],
  /** The retransmission timer, for the last time. `here`: 1 if the host has the flow's address. */
  GIVEUP: ['here'],
  /** The TIME-WAIT or FIN-WAIT-2 timer. */
  EXPIRE: [],
  /** The FIN-WAIT-2 timer, for the last time: the peer has answered none of its questions in a row. */
  DEAD: [],
} as const

export type FlowEvent = EventOf<typeof EVENT_FIELDS>
/** The fields of a received packet of any kind. */
export type Received = Omit<Extract<FlowEvent, { readonly type: 'SYN' }>, 'type'>
/** An event with the fields of all; its type tells which of them mean something. */
export type AnyFlowEvent = AnyEventOf<typeof EVENT_FIELDS>

/** Event fields that are identifiers: only compared and copied. */
export const opaqueFields = [
  'flow',
  'nonce',
  'token',
  'from',
  'to',
  'address',
  'peerFlow',
  'peerNonce',
  'srcFlow',
  'dstFlow',
] as const
