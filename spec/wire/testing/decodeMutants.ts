/** Decodes mutated packets between poisoned bytes: no exception, no read beyond the packet, and the naive decoder's verdict. */

import fc from 'fast-check'
import { must } from '../../../checker/text/at.ts'
import { KINDS } from '../../machines/flow/packets.ts'
import { datagramIsIntact, decodeDatagram, newDatagramHeader } from '../datagram.ts'
import { HEADER_BYTES, PROTOCOL_STREAM, SERVICE_ID_BYTES } from '../format.ts'
import { decodeFrame, newFrame } from '../frame.ts'
import { kindOf } from '../kinds.ts'
import { decodeSegment, newSegment, segmentIsIntact } from '../segment.ts'
import { agree, faultName } from './agree.ts'
import { MUTANT_BYTES, mutate, randomFrom } from './mutants.ts'

/** Far enough from both ends that a read beyond the packet hits poison. */
const MARGIN = 1100

/** Decodes packets surrounded by poison, and counts verdicts. */
class PoisonedBuffer {
  readonly bytes: Uint8Array
  readonly poison: number
  readonly frame = newFrame()
  readonly segment = newSegment()
  readonly datagram = newDatagramHeader()
  readonly verdict = new Int32Array(5)
  private end = MARGIN

  constructor(poison: number) {
    this.poison = poison
    this.bytes = new Uint8Array(MUTANT_BYTES + 2 * MARGIN).fill(poison)
  }

  put(packet: Uint8Array, start: number): void {
    this.bytes.fill(this.poison, MARGIN, this.end)
    this.bytes.set(packet, start)
    this.end = start + packet.length
  }

  /** Returns the complete verdict on the bytes from `start` to `end`. */
  decode(start: number, end: number): Int32Array {
    const { bytes, frame, segment, datagram, verdict } = this
    verdict.fill(0)
    verdict[0] = decodeFrame(bytes, start, end, frame)
    const transport = verdict[0] === 0 ? frame.payload : start + 12
    verdict[1] = decodeSegment(bytes, transport, end, segment)
    // Also for other transport parts, because a verifier does not know the kind yet.
    verdict[2] = Number(segmentIsIntact(bytes, transport, end, 1))
    verdict[3] = decodeDatagram(bytes, transport, end, datagram)
    verdict[4] = Number(datagramIsIntact(bytes, transport, verdict[3] === 0 ? datagram.end : end, 1))
    return verdict
  }
}

/**
 * The two poisons of a pair mean different things to every field, and have different checksums. Together they cover
 * types and lengths of extensions and options, and the 0 for an absent checksum.
 */
const pairs = [
  [new PoisonedBuffer(0x15), new PoisonedBuffer(0xe2)],
  [new PoisonedBuffer(0x00), new PoisonedBuffer(0x24)],
] as const
type Pair = (typeof pairs)[number]

/** True if all numeric fields are equal; callers compare arrays. */
function sameNumbers(a: object, b: object): boolean {
  for (const key in a) {
    const value: unknown = a[key as never]
    if (typeof value === 'number' && value !== b[key as never]) return false
  }
  return true
}

function sameInBoth([one, other]: Pair, packet: Uint8Array, start: number): boolean {
  one.put(packet, start)
  other.put(packet, start)
  const end = start + packet.length
  const a = one.decode(start, end)
  const b = other.decode(start, end)
  return (
    a.every((value, i) => value === b[i]) &&
    sameNumbers(one.frame, other.frame) &&
    sameNumbers(one.segment, other.segment) &&
    sameNumbers(one.datagram, other.datagram) &&
    one.segment.sackLeft.every((value, i) => value === other.segment.sackLeft[i]) &&
    one.segment.sackRight.every((value, i) => value === other.segment.sackRight[i])
  )
}

/** Expects that all accepted parts lie inside the packet. */
function staysWithin(
  { frame, segment, datagram, verdict }: PoisonedBuffer,
  packet: Uint8Array,
  start: number,
): boolean {
  const end = start + packet.length
  const extensions = [
    [frame.service, SERVICE_ID_BYTES],
    [frame.sourceService, SERVICE_ID_BYTES],
    [frame.sources, 4 * frame.sourceCount],
    [frame.addresses, 8 + 4 * frame.addressCount],
    [frame.origin, 8],
    [frame.token, 8],
    [frame.challenge, 8],
    [frame.echo, 8],
    [frame.key, 8],
    [frame.join, 16],
    [frame.advertised, 12],
    [frame.echoed, 12],
  ] as const
  return (
    (verdict[0] !== 0 ||
      (frame.payload <= end &&
        extensions.every(
          ([at, length]) => at === -1 || (at >= start + HEADER_BYTES && at + length <= frame.payload),
        ))) &&
    (verdict[1] !== 0 || (segment.payload <= end && segment.end === end)) &&
    (verdict[3] !== 0 || (datagram.payload <= datagram.end && datagram.end <= end))
  )
}

const MUTANTS_A_RUN = 8192
/** One packet in this many is compared with the naive decoder, which costs more than everything else. */
const COMPARED = 16

/**
 * Decodes `runs` times 8192 mutants. Throws at the first one that is decoded wrongly, and returns how often each fault and
 * each kind of packet was met.
 */
export function decodeMutants(runs: number): {
  readonly count: number
  readonly seen: ReadonlyMap<string, number>
} {
  const seen = new Map<string, number>()
  const see = (name: string): void => {
    seen.set(name, (seen.get(name) ?? 0) + 1)
  }
  const out = new Uint8Array(MUTANT_BYTES)
  let count = 0
  fc.assert(
    fc.property(fc.integer(), seed => {
      const random = randomFrom(seed)
      for (let i = 0; i < MUTANTS_A_RUN; i++) {
        const packet = out.subarray(0, mutate(random, out))
        const start = MARGIN + (i % 4)
        const pair = must(pairs[(i >>> 2) % 2])
        const [place] = pair
        const right =
          sameInBoth(pair, packet, start) &&
          staysWithin(place, packet, start) &&
          (i % COMPARED !== 0 || agree(packet))
        if (!right) throw new Error(`the packet is ${Buffer.from(packet).toString('hex')}`)
        count += 1
        const [fault] = place.verdict
        if (fault !== 0) see(must(faultName(must(fault))))
        else {
          const kind = kindOf(place.frame)
          see(kind < 0 ? must(faultName(-kind)) : must(KINDS[kind]))
          const inner = must(place.verdict[place.frame.protocol === PROTOCOL_STREAM ? 1 : 3])
          if (inner !== 0) see(must(faultName(inner)))
        }
      }
    }),
    { numRuns: runs, endOnFailure: true },
  )
  return { count, seen }
}
