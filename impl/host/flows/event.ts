import { SEVERAL_FLOWS } from '../../../spec/machines/flow/capabilities.ts'
import type { AnyFlowEvent } from '../../../spec/machines/flow/events.ts'
import { KINDS, SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { finOf } from '../../../spec/wire/kinds.ts'
import type { Address } from '../../link/link.ts'
import { OTHER_NONCE, PEER_TOKEN } from './nonces.ts'

/** Returns an event that can be used again. */
export const newEvent = (type: AnyFlowEvent['type']): AnyFlowEvent => ({
  ...{ type, verno: 0, ackno: 0, nonce: 0, fin: 0, srcFlow: 0, dstFlow: 0, from: 0, to: 0 },
  ...{ flow: 0, peerFlow: 0, peerNonce: 0, peerVerno: 0, claimed: 0, address: 0 },
  ...{ capabilities: 0, token: 0, challenge: 0, echo: 0, here: 0, joins: 0, proves: 0 },
})

/** Writes into `event` what a packet says. Only its flow can tell whose its nonce is. */
export function readEvent(
  event: AnyFlowEvent,
  kind: number,
  frame: Frame,
  from: Address,
  to: Address,
): AnyFlowEvent {
  event.type = KINDS[kind] as Exclude<(typeof KINDS)[number], ''>
  event.verno = frame.verno
  event.ackno = frame.ackno
  event.nonce = OTHER_NONCE
  event.fin = finOf(frame)
  event.srcFlow = frame.srcFlow
  event.dstFlow = frame.dstFlow
  event.capabilities = capabilitiesIn(kind, frame)
  event.token = frame.token < 0 ? 0 : PEER_TOKEN
  event.challenge = frame.challenge < 0 ? 0 : 1
  event.echo = 0
  event.proves = 0
  event.from = from
  event.to = to
  return event
}

/** Without a key, no flow can join: a packet that should tell one and does not, does not name the capability. */
const capabilitiesIn = (kind: number, { capabilities, key }: Frame): number =>
  key < 0 && (kind === SYN || kind === SYNACK) ? capabilities - (capabilities & SEVERAL_FLOWS) : capabilities
