/** Stores what a packet that the machine has accepted tells a flow, beside the machine's registers. */
import type { FlowState } from '../../../spec/machines/flow/compiled.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { addressSumOf } from '../packets/pseudoHeader.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import { isCarried } from '../relay/relayed.ts'
import { type Flow, Translation } from './flow.ts'
import { OTHER_NONCE, PEER_NONCE } from './nonces.ts'

/** The part of a state before a step that its effects depend on. */
export type Before = Pick<FlowState, 'connection' | 'owed' | 'joins' | 'peerToken'>

/** Stores the packet's nonce and reset token as the peer's, if the machine has accepted them, and what a SYN-ACK shows. */
export function learn(flow: Flow, packet: Frame, before: Before, places: HostAddresses): void {
  if (flow.state.peerToken !== before.peerToken && packet.token >= 0) flow.learnToken(packet)
  if (before.connection === CONNECTION.REQUEST) flow.learnKey(packet)
  if (before.connection === CONNECTION.REQUEST && packet.addressSum >= 0)
    flow.translation =
      packet.addressSum === addressSumOf(flow.peer, flow.local) ? undefined : new Translation()
  if (before.connection === CONNECTION.REQUEST && isCarried(packet, flow.peer, places))
    flow.carriedBy(flow.peer)
  if (flow.state.peerNonce !== OTHER_NONCE) return
  flow.learnNonce(packet)
  flow.state.peerNonce = PEER_NONCE
}

/** Lets the transport read its part of a packet of the handshake. Returns false if it cannot: the flow cannot go on. */
export const readHandshake = (
  { transport }: Flow,
  kind: number,
  { bytes, payload, end }: Frame,
  now: number,
): boolean => transport.readHandshake(kind, bytes, payload, end, now)
