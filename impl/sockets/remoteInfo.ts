/** Where messages come from, as programs are told. */

import { must } from '../../checker/text/at.ts'
import type { Unconnected } from '../host/paths/unconnected.ts'
import { printServiceId } from '../host/services/serviceId.ts'
import type { Peer } from './datagramServer.ts'
import { type AddressInfo, infoOf } from './ends.ts'

/** Where a message came from, and where an answer goes: give it to `send`. */
export interface RemoteInfo extends AddressInfo {
  /** Bytes of the message. */
  readonly size: number
  /** The flow that it came through; undefined without a connection. */
  readonly flow: number | undefined
  /** Without a connection: the service to answer to, 64 digits. */
  readonly service: string | undefined
  /** The service that the message is for, 64 digits: of a socket that is bound to a prefix, one of many. */
  readonly asked: string
}

export const remoteOf = (peer: Peer, bytes: Uint8Array): RemoteInfo => ({
  ...must(infoOf(peer.remote)),
  ...{ size: bytes.length, flow: peer.flow.id, service: undefined },
  asked: printServiceId(peer.flow.service),
})

export const remoteOfDatagram = ({ from, service, source, message }: Unconnected): RemoteInfo => ({
  ...must(infoOf(from)),
  ...{ size: message.length, flow: undefined },
  ...{ service: printServiceId(source), asked: printServiceId(service) },
})
