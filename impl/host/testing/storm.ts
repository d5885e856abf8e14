/**
 * For tests: mutants of packets that hosts really exchange, delivered to those hosts. The attacker is on the path: it
 * knows every flowID, nonce and version, so its mutants reach deep into live flows.
 */

import { at } from '../../../checker/text/at.ts'
import { PROTOCOL_STREAM } from '../../../spec/wire/format.ts'
import { originIp } from '../../../spec/wire/forward.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { write16 } from '../../../spec/wire/numbers.ts'
import { pseudoSum } from '../../../spec/wire/sum.ts'
import { MUTANT_BYTES, mutate, type Random } from '../../../spec/wire/testing/mutants.ts'
import { fromIPv4, SERVER_PORT } from '../../link/address.ts'
import type { Address, Datagram, Link } from '../../link/link.ts'
import { sealWith } from '../packets/packets.ts'
import { pseudoSumOf } from '../packets/pseudoHeader.ts'
import { kind } from './echo.ts'
import type { Hosts, Station } from './hosts.ts'

/** Packets remembered per kind and length class: few, so that they belong to live flows. */
const REMEMBERED = 16
/** Longer packets carry data: they are a class of their own, so that data does not crowd out acknowledgments. */
const LONG_BYTES = 200

const pick = <T>(random: Random, list: readonly T[]): T => at(list, random() % list.length)

/**
 * Corrects the checksum of the transport part, if the header can be read. With SOURCE, the first sender computed it. Data
 * is bound to its flowIDs, because the hosts of a storm negotiate that.
 */
function resealTransport(bytes: Uint8Array, from: Address, to: Address): void {
  const frame = newFrame()
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) return
  const { payload, end, protocol, addressSum, srcFlow, dstFlow } = frame
  const origin = frame.sourceCount > 0 ? fromIPv4(originIp(frame), SERVER_PORT) : from
  const [least, check] = protocol === PROTOCOL_STREAM ? [20, 16] : [8, 6]
  if (end - payload < least) return
  write16(bytes, payload + check, 0)
  const length = end - payload
  const isData = frame.flags === 0 && frame.service < 0
  const sum =
    addressSum >= 0
      ? addressSum + pseudoSum(0, 0, protocol, length)
      : isData
        ? pseudoSum(srcFlow, dstFlow, protocol, length)
        : pseudoSumOf(origin, to, protocol, length)
  sealWith(protocol, bytes, payload, end, sum)
}

/** Remembers real packets and draws mutants of them. */
export class MutantSource {
  readonly #random: Random
  readonly #groups = new Map<string, Datagram[]>()
  readonly #out = new Uint8Array(MUTANT_BYTES)

  constructor(random: Random) {
    this.#random = random
  }

  remember({ from, to, bytes }: Datagram): void {
    const shape = `${kind({ from, to, bytes })} ${bytes[9]} ${bytes.length > LONG_BYTES}`
    const group = this.#groups.get(shape) ?? []
    this.#groups.set(shape, group)
    if (group.length >= REMEMBERED) group.splice(this.#random() % group.length, 1)
    group.push({ from, to, bytes: bytes.slice() })
  }

  /** A mutant on the way of a real packet; its bytes belong to the caller. Now and then the real packet again. */
  draw(): Datagram {
    const random = this.#random
    const groups = [...this.#groups.values()]
    const { from, to, bytes } = pick(random, pick(random, groups))
    if (random() % 16 === 0) return { from, to, bytes: bytes.slice() }
    const mutant = this.#out.slice(0, mutate(random, this.#out, bytes))
    const other = pick(random, pick(random, groups))
    const way = {
      from: random() % 8 === 0 ? other.from : from,
      to: random() % 8 === 0 ? other.to : to,
    }
    if (random() % 8 !== 0) resealTransport(mutant, way.from, way.to)
    return { ...way, bytes: mutant }
  }
}

/** Delivers `count` mutants to the hosts that own their destinations. Returns how many packets the hosts sent meanwhile. */
export function storm(hosts: Hosts, source: MutantSource, count: number): number {
  const owners = new Map<Address, Station<Link>>()
  for (const station of hosts.stations)
    for (const address of station.link.addresses()) owners.set(address, station)
  const before = hosts.stations.reduce((sum, { host }) => sum + host.counters.sent, 0)
  for (let i = 0; i < count; i++) {
    const mutant = source.draw()
    owners.get(mutant.to)?.host.receive([mutant], hosts.now)
  }
  hosts.run(hosts.now)
  return hosts.stations.reduce((sum, { host }) => sum + host.counters.sent, 0) - before
}
