/** The codec of spec/wire beside the naive one of its tests: DataView, an object for everything. One packet at a time. */
import { must } from '../checker/text/at.ts'
import { PROTOCOL_STREAM } from '../spec/wire/format.ts'
import { decodeFrame, newFrame } from '../spec/wire/frame.ts'
import { encodeHeader } from '../spec/wire/header.ts'
import { decodeSegment, encodeSegmentHeader, newSegment, segmentIsIntact } from '../spec/wire/segment.ts'
import { frameOf, outgoingOf } from '../spec/wire/testing/again.ts'
import { type NaivePacket, naiveDecode, naiveEncode, naiveSum } from '../spec/wire/testing/naive.ts'
import { naiveSegment } from '../spec/wire/testing/naiveTcp.ts'
import { salPackets } from '../spec/wire/testing/pcap.ts'
import { median, medianRatio, table } from './table.ts'

const ROUNDS = 9
/** Long enough that the clock's steps do not count. */
const PACKETS_A_ROUND = 300_000

interface Contest {
  readonly name: string
  readonly ours: (i: number) => number
  readonly theirs: (i: number) => number
}

/** Copies of one captured packet; several, so that nothing is computed once for all. */
const COPIES = 64
const copiesOf = (test: (packet: Uint8Array) => boolean): readonly Uint8Array[] => {
  const found = must(salPackets.find(({ bytes }) => test(bytes))).bytes
  return Array.from({ length: COPIES }, (_, i) => {
    const copy = new Uint8Array(found)
    copy[copy.length - 1] = i
    return copy
  })
}

const segments = copiesOf(bytes => bytes[8] === 3 && bytes.length > 1400)
const syns = copiesOf(bytes => bytes[14] === 0x80)

const frame = newFrame()
const segment = newSegment()
const out = new Uint8Array(2048)

const decode = (packets: readonly Uint8Array[]) => (i: number) => {
  const bytes = packets[i % COPIES] as Uint8Array<ArrayBufferLike>
  const fault = decodeFrame(bytes, 0, bytes.length, frame)
  // As 32 bits: a larger sum would be an object on the heap, and be counted here.
  return (fault + decodeSegment(bytes, frame.payload, frame.end, segment) + frame.srcFlow + segment.seq) | 0
}

const naively = (packets: readonly Uint8Array[]) => (i: number) => {
  const { srcFlow, transport } = naiveDecode(packets[i % COPIES] as Uint8Array<ArrayBufferLike>)
  return (srcFlow + naiveSegment(transport).seq) | 0
}

/** Header, extensions and TCP header of the packet, without what it carries. */
function encoders(packet: Uint8Array): Pick<Contest, 'ours' | 'theirs'> {
  const outgoing = outgoingOf(frameOf(packet))
  const tcp = newSegment()
  decodeSegment(packet, (packet[8] as number) * 4, packet.length, tcp)
  const { extensions, transport } = naiveDecode(packet)
  const header = transport.slice(0, ((transport[12] as number) >> 4) * 4)
  return {
    ours: i => {
      outgoing.dstFlow = i
      tcp.seq = i
      return encodeSegmentHeader(tcp, out, encodeHeader(outgoing, out, 0))
    },
    theirs: i => {
      new DataView(header.buffer).setUint32(4, i)
      const naive: NaivePacket = {
        srcFlow: 1,
        dstFlow: i,
        protocol: PROTOCOL_STREAM,
        extensions,
        transport: header,
      }
      return naiveEncode(naive).length
    },
  }
}

const contests: readonly Contest[] = [
  { name: 'decode a data segment', ours: decode(segments), theirs: naively(segments) },
  { name: 'decode a SYN', ours: decode(syns), theirs: naively(syns) },
  { name: 'encode the headers of a data segment', ...encoders(segments[0] as Uint8Array<ArrayBufferLike>) },
  { name: 'encode the headers of a SYN', ...encoders(syns[0] as Uint8Array<ArrayBufferLike>) },
  {
    name: `sum a segment of ${(segments[0] as Uint8Array<ArrayBufferLike>).length - 12} bytes`,
    ours: i => {
      const bytes = segments[i % COPIES] as Uint8Array<ArrayBufferLike>
      return Number(segmentIsIntact(bytes, 12, bytes.length, 0))
    },
    theirs: i => naiveSum((segments[i % COPIES] as Uint8Array<ArrayBufferLike>).subarray(12)),
  },
]

/** What is computed is kept, so that computing it is not optimized away. */
let sum = 0

/** Nanoseconds of processor time for one: what waits for a processor is not counted, what collects garbage is. */
function time(run: (i: number) => number): number {
  const before = process.cpuUsage()
  for (let i = 0; i < PACKETS_A_ROUND; i++) sum = (sum + run(i)) | 0
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / PACKETS_A_ROUND
}

/** Few enough that the young generation does not fill up and nothing is collected meanwhile. */
const PACKETS_TO_WEIGH = 300

/** Bytes of the heap that so many take, with what asking for it takes. */
function weighAll(run: (i: number) => number): number {
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < PACKETS_TO_WEIGH; i++) run(i)
  return process.memoryUsage().heapUsed - before
}

const often = <T>(run: () => T): T[] => Array.from({ length: ROUNDS }, run)

/** Bytes of the heap that one takes. */
const weigh = (run: (i: number) => number): number =>
  (median(often(() => weighAll(run))) - median(often(() => weighAll(i => i)))) / PACKETS_TO_WEIGH

function row({ name, ours, theirs }: Contest): string[] {
  const [a, b]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    a.push(time(ours))
    b.push(time(theirs))
  }
  return [
    name,
    median(a).toFixed(0),
    median(b).toFixed(0),
    medianRatio(b, a).toFixed(1),
    weigh(ours).toFixed(0),
    weigh(theirs).toFixed(0),
    name.startsWith('decode') ? '<= 333 ns' : '',
  ]
}

export async function compareWithNaive(): Promise<string> {
  return table([
    ['wire', 'ns', 'naive ns', 'ratio', 'bytes allocated', 'naive bytes', 'wanted'],
    ...contests.map(row),
  ])
}
