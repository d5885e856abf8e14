/** The origin of a message, as programs see it. */

import { must } from '../../checker/text/at.ts'
import type { Unconnected } from '../host/paths/unconnected.ts'
import { printServiceId } from '../host/services/serviceId.ts'
import type { Peer } from './datagramServer.ts'
import { type AddressInfo, infoOf } from './ends.ts'

/** Where a message came from. Pass it to `send` to answer. */
export interface RemoteInfo extends AddressInfo {
  /** The length of the message in bytes. */
  readonly size: number
  /** The first flow of its connection; undefined without a connection. */
  readonly flow: number | undefined
  /** Without a connection: the service to answer to, 64 digits. */
  readonly service: string | undefined
  /** The service that the message is addressed to, 64 digits: one of many if the socket is bound to a prefix. */
  readonly asked: string
}

export const remoteOf = (peer: Peer, bytes: Uint8Array): RemoteInfo => ({
  ...must(infoOf(peer.remote)),
  ...{ size: bytes.length, flow: peer.firstFlow, service: undefined },
  asked: printServiceId(peer.flow.service),
})

export const remoteOfDatagram = ({ from, service, source, message }: Unconnected): RemoteInfo => ({
  ...must(infoOf(from)),
  ...{ size: message.length, flow: undefined },
  ...{ service: printServiceId(source), asked: printServiceId(service) },
})
