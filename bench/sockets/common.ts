/** Code that both processes of the socket benchmarks share. */
import { parseAddress } from '../../impl/link/address.ts'
import { openUdp } from '../../impl/link/udp.ts'
import { Stack } from '../../impl/sockets/index.ts'

/** Every datagram of all who are compared has so many bytes at most: those of the blast have them all. */
export const PACKET_BYTES = 1400

/** A stack on loopback. */
export async function openStack(): Promise<Stack> {
  return new Stack({ link: await openUdp({ addresses: [parseAddress('127.0.0.1:0')], mtu: PACKET_BYTES }) })
}

export const cpuUs = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}
