/**
 * An attacker off the path: it may send from any address, and knows services and the flowIDs of all flows, but no nonce.
 * Nothing that it sends excuses a flow.
 */

import { at, must } from '../../checker/text/at.ts'
import { Host } from '../../impl/host/host.ts'
import {
  type RandomSource,
  randomFraction,
  randomUint32,
  seededRandom,
} from '../../impl/host/random/random.ts'
import { fromIPv4 } from '../../impl/link/address.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import { DatagramTransport } from '../../impl/transport/datagram.ts'
import { ACK, FIN, RST, RSYN, RSYNACK, SYNACK } from '../../spec/machines/flow/packets.ts'
import type { Attack } from './plan.ts'
import type { Simulation } from './simulation.ts'
import { addressOf } from './station.ts'

const FORGED = [ACK, FIN, RST, RSYN, RSYNACK, SYNACK]
const STREAM = 6
/** One of so many packets has a byte changed after its checksums were made. */
const ONE_IS_MUTATED = 8

/** Sends what an action says to its host, at once. Does nothing while the host has not that address. */
export function attack(simulation: Simulation, { host, address, kind, packets, seed }: Attack): void {
  const station = at(simulation.stations, host)
  const to = addressOf(host, address)
  if (station.host === undefined || !simulation.has(station, to)) return
  const random = seededRandom(seed)
  const attacker = new Host({ random, packetBytes: station.link.mtu })
  const send = kind === 'flood' ? flood : forge
  for (let n = 0; n < packets; n++) {
    send(simulation, attacker, random, to, host)
    simulation.inject(
      station,
      attacker.flush(simulation.now).map(packet => mutated(packet, random)),
    )
  }
}

/** A SYN from an address that nobody has. */
function flood(
  simulation: Simulation,
  attacker: Host,
  random: RandomSource,
  to: Address,
  host: number,
): void {
  const from = strangerOf(random)
  attacker.setAddresses([from])
  const service = simulation.plane.serviceOf(host, 0)
  const flow = attacker.connect(
    { service, transport: new DatagramTransport(), from, via: to },
    simulation.now,
  )
  simulation.expectStranger(flow.id)
}

/** A control packet for one of the host's flows, from its peer's address or another, with a nonce that is guessed. */
function forge(
  simulation: Simulation,
  attacker: Host,
  random: RandomSource,
  to: Address,
  host: number,
): void {
  const own = [...simulation.conversations.values()]
    .flatMap(({ ends }) => ends)
    .filter(end => end.station.index === host && end.isAlive && !end.isOver)
  const flow = pick(own, random)?.flow
  const state = flow?.state
  // Versions can be guessed once a flow is established; that of a SYN is known to nobody but the two hosts.
  const isNear = flow?.isLive === true && randomFraction(random) < 1 / 2
  const verno = isNear && state ? (must(state.rcvNxt) + 1) >>> 0 : randomUint32(random)
  const packet = {
    ...{ kind: must(pick(FORGED, random)), to, fin: 0, service: 0, verno },
    ...{ capabilities: 0, tells: 0, challenge: 0, echo: 0, joins: 0 },
    from: isNear && state?.peer ? state.peer : strangerOf(random),
    srcFlow: state?.peerFlow || randomUint32(random),
    dstFlow: state?.localFlow || randomUint32(random),
    ackno: isNear && state ? must(state.sndNxt) : randomUint32(random),
  }
  attacker.packets.control(
    packet,
    STREAM,
    randomUint32(random),
    randomUint32(random),
    undefined,
    simulation.now,
  )
}

/** From 10.128.0.0/9, where no host of a plan is. */
const strangerOf = (random: RandomSource): Address =>
  fromIPv4((10 << 24) + (1 << 23) + (randomUint32(random) >>> 9), 1 + (randomUint32(random) >>> 17))

const pick = <T>(items: readonly T[], random: RandomSource): T | undefined =>
  items[Math.floor(randomFraction(random) * items.length)]

function mutated(packet: Datagram, random: RandomSource): Datagram {
  if (randomUint32(random) % ONE_IS_MUTATED !== 0) return packet
  const bytes = new Uint8Array(packet.bytes)
  bytes[randomUint32(random) % bytes.length] =
    at(bytes, randomUint32(random) % bytes.length) ^ (1 << (randomUint32(random) % 8))
  return { ...packet, bytes }
}
