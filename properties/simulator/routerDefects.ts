/** Mistakes in what finds services and ends: routers, instances, the rendezvous. */

import { must } from '../../checker/text/at.ts'
import type { Host } from '../../impl/host/host.ts'
import type { Address } from '../../impl/link/link.ts'
import { ACK, SYNACK } from '../../spec/machines/flow/packets.ts'
import { VERNO_SPACE } from '../../spec/machines/flow/registers.ts'
import { next } from '../../spec/machines/flow/serial.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { kindOf } from '../../spec/wire/kinds.ts'
import type { StackDefect } from './defects.ts'

/** Two routers in a row, and two instances behind them. */
const PLANE = { hosts: 3, routers: 2, instances: 2 }
/** Three instances, which are asked all at once. */
const CROWD = { hosts: 4, routers: 0, instances: 3 }
/** The time for which a router of T7 remembers clients, ms. */
const REMEMBERED_MS = 60_000

export const routerDefects: readonly StackDefect[] = [
  {
    id: 'T6',
    sentence: 'A router does not check whether a packet has already visited the next hop.',
    breaks: ['hop'],
    shownBy: PLANE,
    host: ({ forwarding }) => {
      if (forwarding !== undefined) forwarding.isVisited = () => false
    },
  },
  {
    id: 'T7',
    sentence: 'A router remembers for a minute which hosts sent it packets.',
    breaks: ['stateless'],
    shownBy: PLANE,
    host: ({ forwarding, timers, now }) => {
      if (forwarding === undefined) return
      const send = forwarding.send.bind(forwarding)
      let count = 0
      forwarding.send = (...packet) => {
        timers.schedule(count++, now + REMEMBERED_MS)
        return send(...packet)
      }
    },
  },
  {
    id: 'T8',
    sentence: 'A stack chooses a draining rule like any other.',
    breaks: ['resolved'],
    shownBy: PLANE,
    host: ({ services }) => {
      const add = services.add.bind(services)
      services.add = (prefix, target, priority, weight, ...rest) =>
        add(prefix, target, priority, Math.max(weight, 1), ...rest)
    },
  },
  {
    id: 'T9',
    sentence: 'The client acknowledges every instance that answers.',
    breaks: ['bound'],
    shownBy: CROWD,
    host: host => {
      const receive = host.receive.bind(host)
      host.receive = (batch, now) => {
        for (const { from, to, bytes } of batch) confirm(host, from, to, bytes, now)
        receive(batch, now)
      }
    },
  },
  {
    id: 'T10',
    sentence: 'A host does not send the repeated packets of a move to the rendezvous.',
    breaks: ['progress', 'orderly', 'error'],
    shownBy: PLANE,
    host: host => {
      Object.defineProperty(host, 'onRepeated', { get: () => undefined, set: () => {} })
    },
  },
]

const frame = newFrame()

/** Answers a SYN-ACK for a flow that another server has as if this one had it. */
function confirm(host: Host, from: Address, to: Address, bytes: Uint8Array, now: number): void {
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0 || kindOf(frame) !== SYNACK) return
  const flow = host.flowById(frame.dstFlow)
  if (flow === undefined || !flow.isLive || flow.state.peerFlow === frame.srcFlow) return
  const numbers = {
    verno: must(flow.state.sndNxt),
    ackno: next(frame.verno, VERNO_SPACE),
    fin: 0,
    service: 0,
    ...{ capabilities: 0, tells: 0, challenge: 0, echo: 0, joins: 0 },
  }
  const packet = { kind: ACK, from: to, to: from, srcFlow: flow.id, dstFlow: frame.srcFlow, ...numbers }
  host.packets.control(packet, frame.protocol, flow.nonce.high, flow.nonce.low, undefined, now)
}
