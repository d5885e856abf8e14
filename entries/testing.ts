/**
 * For tests of programs: a network inside the process, hosts in virtual time, and links with faults. The same seed
 * gives the same run.
 * ```ts
 * const network = new Network({ latencyMs: () => 20 })
 * const link = faults(network.attach([parseAddress('10.0.0.1')]), { send: { loss: 0.1 } }, random, network)
 * ```
 */
export { Host } from '../impl/host/host.ts'
export { seededRandom } from '../impl/host/random/random.ts'
export { Hosts, type Station } from '../impl/host/testing/hosts.ts'
export { parseAddress, printAddress } from '../impl/link/address.ts'

export { type Faults, type FaultyLink, faults } from '../impl/link/faults.ts'
export type { FaultOptions } from '../impl/link/impairment.ts'
export type { Address, Clock, Datagram, Link } from '../impl/link/link.ts'
export { MemoryLink, Network, type NetworkOptions } from '../impl/link/memory.ts'
export { realClock } from '../impl/link/realClock.ts'
