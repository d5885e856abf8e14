/**
 * A program of the lab: delays, loses and reorders IP packets. `socat` passes it the packets of a tun device as datagrams, and takes
 * them back. Its standard input takes a line of JSON with new rules, for both directions.
 *
 * Usage: box.ts OWN-PORT SOCAT-PORT
 */
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'

export interface Rules {
  readonly delayMs: number
  /** The most that chance adds to the delay, ms: packets overtake each other. */
  readonly jitterMs?: number
  /** The share of packets that are lost. */
  readonly loss?: number
}

const [own = 0, other = 0] = process.argv.slice(2).map(Number)
let rules: Rules = { delayMs: 0 }
const socket = createSocket('udp4')
socket.on('message', packet => {
  const { delayMs, jitterMs = 0, loss = 0 } = rules
  if (Math.random() < loss) return
  setTimeout(() => socket.send(packet, other, '127.0.0.1'), delayMs + Math.random() * jitterMs)
})
socket.on('error', error => {
  throw error
})
createInterface(process.stdin).on('line', line => {
  rules = JSON.parse(line) as Rules
})
socket.bind(own, '127.0.0.1', () => console.log('ready'))
