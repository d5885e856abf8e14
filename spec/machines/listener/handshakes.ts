/** Between a listener and its flows: what each of them says to the other. Worlds, hosts and judges share it. */
import { common } from '../flow/capabilities.ts'
import type { FlowEvent, Received } from '../flow/events.ts'
import { ACCEPTED, RESET, TIMED_OUT } from '../flow/notices.ts'
import { previous } from '../flow/serial.ts'
import { CONNECTION } from '../flow/states.ts'
import type { SynIdentity } from './machine.ts'

type Fields<T> = Omit<Extract<FlowEvent, { readonly type: T }>, 'type'>

/**
 * Returns what ACCEPT tells the flow of a SYN. `flow`, `nonce` and `verno` are this end's, `offers` the capabilities that it
 * has. `joins` 1: the flow joins a connection.
 */
export const openedBy = (
  syn: Received,
  flow: number,
  nonce: number,
  verno: number,
  claimed: number,
  offers: number,
  joins: number,
): Fields<'ACCEPT'> => ({
  flow,
  nonce,
  verno,
  peerFlow: syn.srcFlow,
  peerNonce: syn.nonce,
  peerVerno: syn.verno,
  from: syn.from,
  to: syn.to,
  capabilities: common(offers, syn.capabilities),
  claimed,
  joins,
})

/**
 * Returns what CONFIRM tells the flow of an ACK, which shows the version of the answer and follows the SYN. `offers` as
 * above.
 */
export const confirmedBy = (
  ack: Received,
  flow: number,
  nonce: number,
  space: number,
  offers: number,
): Fields<'CONFIRM'> => ({
  flow,
  nonce,
  verno: previous(ack.ackno, space),
  peerFlow: ack.srcFlow,
  peerNonce: ack.nonce,
  peerVerno: previous(ack.verno, space),
  from: ack.from,
  to: ack.to,
  token: ack.token,
  capabilities: common(offers, ack.capabilities),
})

/** Returns the SYN before an ACK. */
export const synBefore = (ack: Received, space: number): SynIdentity => ({
  from: ack.from,
  srcFlow: ack.srcFlow,
  nonce: ack.nonce,
  verno: previous(ack.verno, space),
})

/** True while the listener counts the flow as a handshake in progress. */
export const isInProgress = (connection: number): boolean => connection === CONNECTION.RESPOND

/** True if a flow whose handshake was in progress tells by this notice that it is ESTABLISHED. */
export const establishes = (notice: number): boolean => notice === ACCEPTED

/** True if it tells by this notice that it has FAILED. */
export const fails = (notice: number): boolean => notice === RESET || notice === TIMED_OUT
