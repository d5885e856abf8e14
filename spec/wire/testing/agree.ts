/** Compares the codec with the naive decoder: the same fault, or the same fields. */
import { at } from '../../../checker/text/at.ts'
import { decodeDatagram, newDatagramHeader } from '../datagram.ts'
import { WIRE_FAULT, WIRE_SENTENCES, type WireFault } from '../faults.ts'
import { PROTOCOL_STREAM } from '../format.ts'
import { decodeFrame, type Frame, newFrame } from '../frame.ts'
import { advertOf, type Challenge, echoedOf, joinOf, keyOf, repetitionOf } from '../negotiation.ts'
import { read16, read32 } from '../numbers.ts'
import { decodeSegment, newSegment, type Segment } from '../segment.ts'
import { outgoingOf } from './again.ts'
import { type Extension, NaiveFault, type NaivePacket, type Negotiated, naiveDecode } from './naive.ts'
import { type NaiveSegment, naiveDatagram, naiveSegment } from './naiveTcp.ts'

const faults = Object.keys(WIRE_SENTENCES) as WireFault[]

/** Returns the name of a fault's number; undefined for 0 and unknown numbers. */
export const faultName = (fault: number): WireFault | undefined =>
  faults.find(name => WIRE_FAULT[name] === fault)

/** Returns the result of `run`, or the fault that it throws. */
function attempt<T>(run: () => T): T | WireFault {
  try {
    return run()
  } catch (error) {
    if (error instanceof NaiveFault) return error.fault
    throw error
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

function agreeOnFrame(frame: Frame, packet: NaivePacket): boolean {
  const { advertised, ...ours } = outgoingOf(frame)
  const find = <T extends Extension['type']>(type: T) =>
    packet.extensions.filter((e): e is Extract<Extension, { type: T }> => e.type === type)
  const [control] = find('control')
  const [service, sourceService] = find('service')
  const [address] = find('address')
  return (
    same(ours, {
      srcFlow: packet.srcFlow,
      dstFlow: packet.dstFlow,
      protocol: packet.protocol,
      flags: control?.flags ?? 0,
      verno: control?.verno ?? 0,
      ackno: control?.ackno ?? 0,
      nonceHigh: control?.nonceHigh ?? 0,
      nonceLow: control?.nonceLow ?? 0,
      service: service?.id,
      sourceService: sourceService?.id,
      sources: find('source')[0]?.list ?? [],
    }) &&
    same(advertised, address && { verno: address.verno, ackno: address.ackno, addresses: address.list }) &&
    same(negotiatedIn(frame), address?.negotiated ?? { capabilities: 0 }) &&
    frame.end - frame.payload === packet.transport.length
  )
}

function negotiatedIn(frame: Frame): Negotiated {
  const { bytes, capabilities, addressSum, origin, token, challenge, echo, repetition } = frame
  const again = repetition < 0 ? undefined : repetitionOf(frame)
  return {
    capabilities,
    ...(addressSum < 0 ? {} : { addressSum }),
    ...(origin < 0 ? {} : { origin: [read16(bytes, origin + 2), read32(bytes, origin + 4)] as const }),
    ...(token < 0 ? {} : { token: [read32(bytes, token), read32(bytes, token + 4)] as const }),
    ...(challenge < 0
      ? {}
      : { challenge: [read32(bytes, challenge), read32(bytes, challenge + 4)] as const }),
    ...(echo < 0 ? {} : { echo: [read32(bytes, echo), read32(bytes, echo + 4)] as const }),
    ...(again && { repetition: [again.attempt, ...again.refused] as const }),
    ...severalIn(frame),
  }
}

/** Returns the parameters of several flows as words, with the value of each first. */
function severalIn(frame: Frame): Pick<Negotiated, 'key' | 'join' | 'advertised' | 'echoed'> {
  const words = ({ high, low }: Challenge) => [high, low]
  const key = frame.key < 0 ? undefined : keyOf(frame)
  const join = frame.join < 0 ? undefined : joinOf(frame)
  const advert = frame.advertised < 0 ? undefined : advertOf(frame)
  const echo = frame.echoed < 0 ? undefined : echoedOf(frame)
  const lines = advert?.lines.flatMap(({ kind, wishes, port, word }) => [
    kind * 2 ** 24 + wishes * 2 ** 16 + port,
    word,
  ])
  return {
    ...(key && { key: [read16(frame.bytes, frame.key - 2), ...words(key)] }),
    ...(join && { join: [join.flags, join.flow, ...words(join.mac)] }),
    ...(advert && { advertised: [advert.version, ...(lines ?? []), ...words(advert.mac)] }),
    ...(echo && { echoed: [echo.version, ...words(echo.mac)] }),
  }
}

/** True if an experimental option begins with `SA` or `SE`. */
const isOurs = (body: Uint8Array): boolean => body[0] === 0x53 && (body[1] === 0x41 || body[1] === 0x45)

function agreeOnSegment(ours: Segment, theirs: NaiveSegment): boolean {
  const option = (kind: number) => theirs.options.findLast(([k]) => k === kind)?.[1]
  const [mss, scale, sack, stamp] = [option(2), option(3), option(5), option(8)]
  const data = theirs.options.findLast(([k, body]) => k === 253 && isOurs(body))?.[1]
  const blocks = sack ? Array.from({ length: sack.length / 4 }, (_, i) => read32(sack, 4 * i)) : []
  return (
    same(
      { ...ours, sackLeft: [...ours.sackLeft.slice(0, ours.sackCount)], sackRight: [], payload: 0, end: 0 },
      {
        seq: theirs.seq,
        ack: theirs.ack,
        flags: theirs.flags,
        window: theirs.window,
        mss: mss ? read16(mss, 0) : 0,
        windowScale: scale ? Math.min(at(scale, 0), 14) : -1,
        sackPermitted: option(4) ? 1 : 0,
        tsval: stamp ? read32(stamp, 0) : 0,
        tsecr: stamp ? read32(stamp, 4) : 0,
        hasTimestamp: stamp ? 1 : 0,
        sackCount: blocks.length / 2,
        sackLeft: blocks.filter((_, i) => i % 2 === 0),
        sackRight: [],
        data: data ? 1 + (data.length > 6 ? 2 : 0) + (at(data, 1) === 0x45 ? 4 : 0) : 0,
        dataAck: data ? read32(data, 2) : 0,
        dataSeq: data && data.length > 6 ? read32(data, 6) : 0,
        payload: 0,
        end: 0,
      },
    ) &&
    same(
      [...ours.sackRight.slice(0, ours.sackCount)],
      blocks.filter((_, i) => i % 2 === 1),
    ) &&
    ours.end - ours.payload === theirs.payload.length
  )
}

function agreeOnTransport(frame: Frame, transport: Uint8Array): boolean {
  if (frame.protocol === PROTOCOL_STREAM) {
    const segment = newSegment()
    const fault = decodeSegment(frame.bytes, frame.payload, frame.end, segment)
    const theirs = attempt(() => naiveSegment(transport))
    return typeof theirs === 'string'
      ? theirs === faultName(fault)
      : fault === 0 && agreeOnSegment(segment, theirs)
  }
  const header = newDatagramHeader()
  const fault = decodeDatagram(frame.bytes, frame.payload, frame.end, header)
  const theirs = attempt(() => naiveDatagram(transport))
  return typeof theirs === 'string'
    ? theirs === faultName(fault)
    : fault === 0 && header.end - header.payload === theirs.length
}

export function agree(packet: Uint8Array): boolean {
  const frame = newFrame()
  const fault = decodeFrame(packet, 0, packet.length, frame)
  const theirs = attempt(() => naiveDecode(packet))
  if (typeof theirs === 'string') return theirs === faultName(fault)
  return fault === 0 && agreeOnFrame(frame, theirs) && agreeOnTransport(frame, theirs.transport)
}
