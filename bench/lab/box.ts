/**
 * A program of the lab: delays, loses and reorders IP packets, and limits their rate. `socat` passes it the packets of a tun device
 * as datagrams, and takes them back. Its standard input takes lines of JSON with new rules, for both directions.
 *
 * Usage: box.ts OWN-PORT SOCAT-PORT
 */
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'
import { isFrom, type Named, netOf } from './places.ts'

export interface Rules {
  readonly delayMs: number
  /** The most that chance adds to the delay, ms: packets overtake each other. */
  readonly jitterMs?: number
  /** The share of packets that are lost. */
  readonly loss?: number
  /** Bits per millisecond in each direction. */
  readonly rateKbps?: number
  /** The longest time that a packet waits for those before it, ms. Later ones are lost. */
  readonly queueMs?: number
}

/** New rules for packets of one network of the client, or of both. */
export interface Order {
  readonly net?: Named
  readonly rules: Rules
  /** Both networks share one rate and one queue. */
  readonly isShared?: boolean
}

/** A busy processor must lose no packets. */
const BUFFER_BYTES = 4_000_000

/** A path in one direction: when its last packet has left. */
interface Lane {
  freeMs: number
}

const [own = 0, other = 0] = process.argv.slice(2).map(Number)
const rulesOf = new Map<Named, Rules>()
let lanes = new Map<string, Lane>()
let isShared = false

/** Returns the lane of a packet's network and direction. */
function laneOf(packet: Buffer, net: Named): Lane {
  const name = `${isShared ? '' : net} ${isFrom(packet)}`
  let lane = lanes.get(name)
  if (lane === undefined) {
    lane = { freeMs: 0 }
    lanes.set(name, lane)
  }
  return lane
}

const socket = createSocket({ type: 'udp4', recvBufferSize: BUFFER_BYTES, sendBufferSize: BUFFER_BYTES })
socket.on('message', packet => {
  const net = netOf(packet)
  const { delayMs, jitterMs = 0, loss = 0, rateKbps, queueMs = 100 } = rulesOf.get(net) ?? { delayMs: 0 }
  if (Math.random() < loss) return
  let waitMs = delayMs + Math.random() * jitterMs
  if (rateKbps !== undefined) {
    const lane = laneOf(packet, net)
    const nowMs = performance.now()
    const startMs = Math.max(nowMs, lane.freeMs)
    if (startMs - nowMs > queueMs) return
    lane.freeMs = startMs + (8 * packet.length) / rateKbps
    waitMs += lane.freeMs - nowMs
  }
  setTimeout(() => socket.send(packet, other, '127.0.0.1'), waitMs)
})
socket.on('error', error => {
  throw error
})
createInterface(process.stdin).on('line', line => {
  const order = JSON.parse(line) as Order
  for (const net of ['home', 'cell'] as const) if ((order.net ?? net) === net) rulesOf.set(net, order.rules)
  isShared = order.isShared ?? false
  lanes = new Map()
})
socket.bind(own, '127.0.0.1', () => console.log('ready'))
