/** For tests: a service that accepts every flow, and readable forms of packets and notices. */
import { at, must } from '../../../checker/text/at.ts'
import * as notice from '../../../spec/machines/flow/notices.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { kindOf } from '../../../spec/wire/kinds.ts'
import type { Datagram } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import type { Flow } from '../flows/flow.ts'
import type { Listener } from '../flows/listener.ts'
import { prefixOfId, serviceIdOf } from '../services/serviceId.ts'
import type { Station } from './hosts.ts'

export const ECHO = serviceIdOf('acme/echo')

const transportOf = (flow: Flow) => flow.transport as DatagramTransport
const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes)
export const say = (flow: Flow, words: string) => transportOf(flow).write(new TextEncoder().encode(words))
export const hear = (flow: Flow) => text(transportOf(flow).read())

/** Returns the kind of a packet; negative for an invalid one. */
export const kind = ({ bytes }: Datagram): number => {
  const frame = newFrame()
  return decodeFrame(bytes, 0, bytes.length, frame) === 0 ? kindOf(frame) : -1
}

export interface Echo {
  readonly listener: Listener
  readonly accepted: Flow[]
}

/** Listens, and accepts every flow. */
export const listen = ({ host }: Station, queue = 256): Echo => {
  const accepted: Flow[] = []
  const listener = host.listen(prefixOfId(ECHO), {
    queue,
    backlog: queue,
    transport: protocol => (protocol === 17 ? new DatagramTransport() : undefined),
    onReady: ready => accepted.push(must(host.accept(ready))),
  })
  return { listener, accepted }
}

/** Collects a flow's notices from now on. */
export const notices = (flow: Flow): string[] => {
  const seen: string[] = []
  flow.user = { onNotice: n => seen.push(at(notice.NOTICES, n)) }
  return seen
}
