/**
 * Notices that nobody has a UDP port. Systems report an ICMP port-unreachable only to a connected socket, and only if the
 * ICMP quotes one of its datagrams. So this sends empty datagrams from a socket of its own: whoever forges an ICMP has to
 * guess its port as well.
 */
import { createSocket } from 'node:dgram'
import { type Address, hostOf, isIPv4, portOf } from './address.ts'
import { noLookup } from './udpSocket.ts'

/** The wait after the first datagram, ms; doubled after each. Either of both may be lost. */
const FIRST_WAIT_MS = 1000

const EMPTY = new Uint8Array(0)

/** Calls `onClosed` if the system at `to` reports that nobody has the port. Returns a function that stops it. */
export function watchPort(from: Address, to: Address, onClosed: () => void): () => void {
  const socket = createSocket({ type: isIPv4(to) ? 'udp4' : 'udp6', lookup: noLookup })
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const hear = (error: Error | null): void => {
    if (!isStopped && (error as NodeJS.ErrnoException | null)?.code === 'ECONNREFUSED') onClosed()
  }
  const ask = (waitMs: number): void => {
    if (isStopped) return
    socket.send(EMPTY, hear)
    timer = setTimeout(ask, waitMs, 2 * waitMs).unref()
  }
  // An address that cannot be bound or reached tells nothing.
  socket.on('error', hear)
  socket.on('connect', () => ask(FIRST_WAIT_MS))
  socket.bind({ port: 0, address: hostOf(from), exclusive: true }, () => {
    if (!isStopped) socket.connect(portOf(to), hostOf(to))
  })
  socket.unref()
  return () => {
    if (isStopped) return
    isStopped = true
    clearTimeout(timer)
    socket.close()
  }
}
