import type { MachineEvent } from '../../../checker/lower/standalone.ts'
import { KINDS } from '../../../spec/machines/flow/packets.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { finOf } from '../../../spec/wire/kinds.ts'
import type { Address } from '../../link/link.ts'
import { OTHER_NONCE } from './nonces.ts'

/** An event with the fields of all types; the type says which of them mean something. */
export interface SalEvent extends MachineEvent {
  type: string
  kind: number
  verno: number
  ackno: number
  nonce: number
  fin: number
  srcFlow: number
  dstFlow: number
  from: Address
  to: Address
  flow: number
  peerFlow: number
  peerNonce: number
  peerVerno: number
  /** 1 if only SOURCE says that the packet is from `from`. */
  claimed: number
  address: Address
}

export const newEvent = (type = ''): SalEvent => ({
  ...{ type, kind: 0, verno: 0, ackno: 0, nonce: 0, fin: 0, srcFlow: 0, dstFlow: 0, from: 0, to: 0 },
  ...{ flow: 0, peerFlow: 0, peerNonce: 0, peerVerno: 0, claimed: 0, address: 0 },
})

/** What a packet says, in `event`. Whose its nonce is, only its flow can tell. */
export function readEvent(event: SalEvent, kind: number, frame: Frame, from: Address, to: Address): SalEvent {
  event.type = KINDS[kind] as '' | 'SYN' | 'SYNACK' | 'ACK' | 'RSYN' | 'RSYNACK' | 'FIN' | 'RST' | 'DATA'
  event.kind = kind
  event.verno = frame.verno
  event.ackno = frame.ackno
  event.nonce = OTHER_NONCE
  event.fin = finOf(frame)
  event.srcFlow = frame.srcFlow
  event.dstFlow = frame.dstFlow
  event.from = from
  event.to = to
  return event
}
