/** Defects to put into the running stack, which the simulator must find. */

import { at } from '../../checker/text/at.ts'
import { RETRANSMIT, TIMERS_PER_FLOW } from '../../impl/host/flows/engine.ts'
import type { Flow } from '../../impl/host/flows/flow.ts'
import { PEER_NONCE } from '../../impl/host/flows/nonces.ts'
import type { Host } from '../../impl/host/host.ts'
import type { Address } from '../../impl/link/link.ts'
import type { StreamOptions } from '../../impl/transport/stream/options.ts'
import type { Transport } from '../../impl/transport/transport.ts'
import type { Application } from './application.ts'
import { clockDefects } from './clockDefects.ts'
import { datagramDefects } from './datagramDefects.ts'
import type { FaultLevel } from './faults/levels.ts'
import { pathDefects } from './pathDefects.ts'
import { routerDefects } from './routerDefects.ts'
import type { RuleName } from './rules.ts'
import type { Station } from './station.ts'

/** Each function changes an object that was just made. */
export interface StackDefect {
  readonly id: string
  /** Says in a sentence what goes wrong. */
  readonly sentence: string
  /** The rules that it may violate. */
  readonly breaks: readonly RuleName[]
  /** The network that shows it, if not every network does. */
  readonly shownBy?: {
    readonly hosts: number
    readonly routers: number
    readonly instances: number
    readonly attacks?: boolean
    readonly faults?: FaultLevel
    readonly flows?: boolean
  }
  /** Options of every stream. */
  readonly stream?: Partial<StreamOptions>
  readonly host?: (host: Host) => void
  readonly transport?: (transport: Transport) => void
  readonly station?: (station: Station) => void
  readonly application?: (application: Application) => void
}

/** One of this many retransmission timers is forgotten. */
const FORGOTTEN = 3

export const stackDefects: readonly StackDefect[] = [
  {
    id: 'T1',
    sentence: 'The host does not thaw the transport when a path returns.',
    breaks: ['progress', 'orderly'],
    transport: transport => {
      transport.thaw = () => {}
    },
  },
  {
    id: 'T2',
    sentence: 'Every third retransmission timer is armed but never runs.',
    breaks: ['progress', 'orderly', 'leak'],
    host: host => {
      const schedule = host.timers.schedule.bind(host.timers)
      let count = 0
      host.timers.schedule = (slot, timeMs) => {
        if (slot % TIMERS_PER_FLOW !== RETRANSMIT || ++count % FORGOTTEN !== 0) schedule(slot, timeMs)
      }
    },
  },
  {
    id: 'T3',
    sentence: 'A host never forgets the SYNs of ended flows.',
    breaks: ['leak'],
    host: host => {
      host.bySyn.delete = () => false
    },
  },
  {
    id: 'T4',
    sentence: 'After a move, data still travels between the old addresses.',
    breaks: ['frozen'],
    host: host => {
      const { packets } = host
      const data = packets.data.bind(packets)
      const first = new WeakMap<Flow, { readonly from: Address; readonly to: Address }>()
      packets.data = (flow, transport, now) => {
        const { from, to } = flow
        if (!first.has(flow)) first.set(flow, { from, to })
        Object.assign(flow, first.get(flow))
        const isSent = data(flow, transport, now)
        Object.assign(flow, { from, to })
        return isSent
      }
    },
  },
  {
    id: 'T5',
    sentence: 'The host delivers every second packet with its last byte changed, as without a checksum.',
    breaks: ['bytes', 'orderly', 'progress', 'error'],
    transport: transport => {
      const receive = transport.receive.bind(transport)
      let count = 0
      transport.receive = (bytes, start, end, now) => {
        const spoilt = bytes.slice()
        if (++count % 2 === 0) spoilt[end - 1] = at(spoilt, end - 1) ^ 1
        receive(spoilt, start, end, now)
      }
    },
  },
  {
    id: 'T11',
    sentence: 'A host accepts every nonce as the nonce of the peer (D2, D3).',
    breaks: ['error', 'progress', 'orderly', 'state', 'address'],
    shownBy: { hosts: 2, routers: 0, instances: 1, attacks: true },
    host: host => {
      const flowById = host.flowById.bind(host)
      host.flowById = id => {
        const flow = flowById(id)
        if (flow !== undefined) flow.nonceIn = () => PEER_NONCE
        return flow
      }
    },
  },
  {
    id: 'T12',
    sentence:
      'A stream takes every path to be as wide as its link: it begins with the longest segments, and keeps them.',
    breaks: ['progress', 'orderly'],
    shownBy: { hosts: 2, routers: 0, instances: 1, faults: 'narrow' },
    // Shorter segments than the base are not shortened further.
    stream: { baseMss: 65_535 },
  },
  ...routerDefects,
  ...pathDefects,
  ...clockDefects,
  ...datagramDefects,
]
