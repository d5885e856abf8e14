import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS, SYN } from '../../spec/flow/packets.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { kindOf } from '../../spec/wire/kinds.ts'
import { salPackets } from '../../spec/wire/testing/pcap.ts'
import type { FaultLevel } from '../simulator/generate.ts'
import { Judge } from './judge.ts'
import { type Observed, printPacket } from './observed.ts'
import { type Header, judge, record, withHeader } from './testing/record.ts'

const frame = newFrame()
const kindIn = ({ bytes }: Observed): string => {
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) return ''
  return KINDS[kindOf(frame)] ?? ''
}

describe('simulated traffic', { timeout: 0 }, () => {
  test.each<[FaultLevel, number, number]>([
    ['none', 60, 2],
    ['harsh', 150, 3],
  ])('with %s faults holds', (faults, runs, hosts) => {
    let flows = 0
    for (let seed = 0; seed < runs; seed++)
      for (const seen of record(seed, hosts, faults)) {
        const judgement = judge(seen)
        expect(judgement.contradiction, `seed ${seed}`).toBeUndefined()
        expect(judgement).toMatchObject({ verdict: 'holds', packets: seen.length, unjudged: 0 })
        flows += judgement.flows
      }
    expect(flows).toBeGreaterThan(2 * runs)
  })
})

/** What a host sends, as host 0 of some runs did. */
const logs = Array.from({ length: 25 }, (_, seed) => record(seed, 2, 'mild')[0]!)

/** Verdicts when each packet out of these kinds is changed, one at a time. */
function verdicts(kinds: readonly string[], change: (observed: Observed) => Observed): string[] {
  return logs.flatMap(log =>
    log.flatMap((observed, at) =>
      observed.direction === 'out' && kinds.includes(kindIn(observed))
        ? [judge(log.with(at, change(observed))).verdict]
        : [],
    ),
  )
}

const caught = (all: readonly string[]): number => all.filter(v => v === 'violated').length / all.length

const CONTROL = ['SYNACK', 'ACK', 'RSYN', 'RSYNACK', 'FIN', 'RST']
const PORTS = 65_536
const other = (n: number): number => (n ^ 1) >>> 0
const CHANGES: readonly (readonly [string, readonly string[], (observed: Observed) => Observed])[] = [
  ...(['verno', 'ackno', 'nonceLow', 'dstFlow'] as const).map(
    field =>
      [
        field,
        CONTROL,
        (o: Observed) =>
          withHeader(o, (header: Header) => {
            header[field] = other(header[field])
          }),
      ] as const,
  ),
  ['from', CONTROL, o => ({ ...o, from: o.from + 9 * PORTS })],
  ['to', CONTROL, o => ({ ...o, to: o.to + 9 * PORTS })],
  ['from of data', ['DATA'], o => ({ ...o, from: o.from + 9 * PORTS })],
  ['to of data', ['DATA'], o => ({ ...o, to: o.to + 9 * PORTS })],
  ['flags of an acknowledgment', ['ACK', 'RSYNACK'], o => withHeader(o, h => (h.flags = 0x04))],
  ['service', ['RSYN', 'FIN'], o => withHeader(o, h => (h.service = new Uint8Array(32)))],
]

describe('what a host does not send', { timeout: 0 }, () => {
  test.each(CHANGES)('is found: another %s', (_what, kinds, change) => {
    const all = verdicts(kinds, change)
    expect(all.length).toBeGreaterThan(20)
    // What is left could have been: a move to that address, of which nothing more was heard.
    expect(caught(all)).toBeGreaterThan(0.94)
  })

  test('is found: another version, nonce or flowID may come back to it in the end', () => {
    const strange = verdicts(['ACK', 'RSYN', 'FIN', 'DATA'], o =>
      withHeader(o, header => {
        header.srcFlow = other(header.srcFlow)
      }),
    )
    // A flow whose beginning nobody saw is not judged, and that is told.
    expect(strange).not.toContain('holds')
  })

  test('is found when it should: an answer that is missing', () => {
    const all = logs.flatMap(log =>
      log.flatMap((observed, at) => {
        const before = log[at - 1]
        const answers =
          before?.direction === 'in' && kindIn(before) === 'RSYN' && kindIn(observed) === 'RSYNACK'
        return answers ? [judge(log.toSpliced(at, 1))] : []
      }),
    )
    expect(all.length).toBeGreaterThan(3)
    for (const { verdict, contradiction } of all) {
      expect(verdict).toBe('violated')
      expect(contradiction!.considered.length).toBeGreaterThan(0)
    }
  })
})

test('any bytes at all are judged', () => {
  const observed = fc.record({
    from: fc.nat(5),
    to: fc.nat(5),
    bytes: fc.uint8Array({ maxLength: 120 }),
    timeMs: fc.nat(),
    direction: fc.constantFrom('in' as const, 'out' as const),
    isIntact: fc.boolean(),
  })
  const spoilt = fc.tuple(fc.constantFrom(...logs), fc.array(fc.tuple(fc.nat(), observed), { maxLength: 5 }))
  fc.assert(
    fc.property(spoilt, ([log, put]) => {
      const all = [...log]
      for (const [at, one] of put) all.splice(at % (all.length + 1), 0, one)
      expect(['holds', 'violated', 'incomplete']).toContain(judge(all).verdict)
    }),
  )
})

/** A capture of the prototype, taken on host A or B, whose addresses its SYNs show. */
function prototype(file: string): Observed[] {
  const packets = salPackets.filter(packet => packet.file === file)
  const isHere = hereOf(file, packets)
  return packets.map(({ source: from, destination: to, bytes }, index) => ({
    ...{ from, to, bytes, timeMs: index * 10, isIntact: true },
    direction: isHere(from) ? 'out' : 'in',
  }))
}

/** A is the side that connects: two interfaces, one on each of two networks. */
function hereOf(file: string, packets: typeof salPackets): (address: number) => boolean {
  const syn = packets.find(({ bytes }) => {
    decodeFrame(bytes, 0, bytes.length, frame)
    return kindOf(frame) === SYN
  })!
  const host = (address: number) => address & 0xff
  const client = host(syn.source)
  return address => (host(address) === client) === file.endsWith('-A')
}

describe('captures of the prototype', () => {
  test.each([
    'tcp-basic-A',
    'tcp-basic-B',
    'mig-lost-rsynack-B',
    'lost-connack-B',
  ])('%s: its first departure from the specification is shown', file => {
    const { verdict, contradiction } = judge(prototype(file))
    expect(verdict).toBe('violated')
    expect(printPacket(contradiction!.packet)).not.toBe('')
  })
})

test('a judge says the same however often it is asked', () => {
  const one = new Judge()
  for (const observed of logs[0]!) one.see(observed)
  expect(one.judgement()).toEqual(one.judgement())
})
