import { createSocket } from 'node:dgram'
import { type Address, fromParts, hostOf, isIPv4, NO_ADDRESS, portOf } from './address.ts'
import { noLookup } from './udpSocket.ts'

/**
 * Resolves to the local address, with port 0, from which the system would send to `to`: its routing tables, metrics and
 * scopes decide. 0 if it has no route. Sends nothing.
 */
export function sourceOf(to: Address): Promise<Address> {
  const socket = createSocket({ type: isIPv4(to) ? 'udp4' : 'udp6', lookup: noLookup })
  const source = new Promise<Address>(resolve => {
    socket.on('connect', () => resolve(fromParts(socket.address().address, 0)))
    socket.on('error', () => resolve(NO_ADDRESS))
  })
  socket.connect(portOf(to), hostOf(to))
  return source.finally(() => socket.close())
}
