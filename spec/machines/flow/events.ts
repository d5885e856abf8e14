import type { Packet } from './packets.ts'

/** What a control packet or datagram brings: its header's fields and the addresses that it came from and to. */
type Received<T extends string> = { readonly type: T } & Omit<Packet, 'kind' | 'service'>

/** What a passive open needs: `flow`, `nonce` and `verno` are this end's, the rest is the SYN's. */
interface Passive {
  readonly flow: number
  readonly nonce: number
  readonly verno: number
  readonly peerFlow: number
  readonly peerNonce: number
  readonly peerVerno: number
  readonly from: number
  readonly to: number
}

/** Events of a flow. Applications and operators act in the first group, the network in the second, timers in the third. */
export type FlowEvent =
  | { readonly type: 'LISTEN' }
  | {
      readonly type: 'CONNECT'
      readonly flow: number
      readonly nonce: number
      readonly verno: number
      readonly from: number
      readonly to: number
    }
  /** A listener admits a SYN. `claimed` is 1 when only its SOURCE says that it is from `from`: anybody can write that. */
  | ({ readonly type: 'ACCEPT'; readonly claimed: number } & Passive)
  /** A listener confirms a handshake of which it kept nothing. */
  | ({ readonly type: 'CONFIRM' } & Passive)
  | { readonly type: 'SEND' }
  | { readonly type: 'MOVE'; readonly address: number }
  | { readonly type: 'CLOSE' }
  | { readonly type: 'ABORT' }
  | Received<'SYN'>
  | Received<'SYNACK'>
  | Received<'ACK'>
  | Received<'RSYN'>
  | Received<'RSYNACK'>
  | Received<'FIN'>
  | Received<'RST'>
  | Received<'DATA'>
  /** The retransmission timer, which runs while something is owed. */
  | { readonly type: 'TIMEOUT' }
  /** The retransmission timer, for the last time. */
  | { readonly type: 'GIVEUP' }
  /** The TIME-WAIT or FIN-WAIT-2 timer. */
  | { readonly type: 'EXPIRE' }

/** The fields of each event, as lowering declares them. */
const RECEIVED = ['verno', 'ackno', 'nonce', 'fin', 'srcFlow', 'dstFlow', 'from', 'to'] as const
const PASSIVE = ['flow', 'nonce', 'verno', 'peerFlow', 'peerNonce', 'peerVerno', 'from', 'to'] as const
export const EVENT_FIELDS: Readonly<Record<FlowEvent['type'], readonly string[]>> = {
  LISTEN: [],
  CONNECT: ['flow', 'nonce', 'verno', 'from', 'to'],
  ACCEPT: [...PASSIVE, 'claimed'],
  CONFIRM: PASSIVE,
  SEND: [],
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
  TIMEOUT: [],
  GIVEUP: [],
  EXPIRE: [],
}

/** Event fields that are identifiers, compared and copied only. */
export const opaqueFields = [
  'flow',
  'nonce',
  'from',
  'to',
  'address',
  'peerFlow',
  'peerNonce',
  'srcFlow',
  'dstFlow',
] as const
