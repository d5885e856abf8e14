import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import type { Host } from '../../impl/host/host.ts'
import { isIntact } from '../../impl/host/packets/intact.ts'
import { readCapture } from '../../impl/link/readCapture.ts'
import { KINDS, RST } from '../../spec/machines/flow/packets.ts'
import { OWES_PROOF } from '../../spec/machines/flow/registers.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { flagsOf, kindOf } from '../../spec/wire/kinds.ts'
import { folder } from '../../spec/wire/testing/pcap.ts'
import type { FaultLevel } from '../simulator/faults/levels.ts'
import type { Plan } from '../simulator/plan.ts'
import { Judge } from './judge.ts'
import type { Observed } from './observed.ts'
import { type Header, judge, record, recordPlan, withHeader } from './testing/record.ts'
import { judgeRestarts, judgeRuns } from './testing/runs.ts'

/** The position of a header's length, in words. */
const HEADER_WORDS_AT = 8

const frame = newFrame()
const kindIn = ({ bytes }: Observed): string => {
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0) return ''
  return KINDS[kindOf(frame)] ?? ''
}

describe('simulated traffic', SLOW, () => {
  test.each<[FaultLevel, number, number]>([
    ['none', 12, 2],
    ['harsh', 25, 3],
  ])('with %s faults holds', (faults, runs, hosts) => {
    expect(judgeRuns(faults, runs, hosts)).toBeGreaterThan(2 * runs)
  })
})

describe('a restarted host', SLOW, () => {
  // Its next life did not give out the flowIDs of this one: it may be silent, forever if nothing else happens.
  test('holds: it answers for forgotten flows, or is silent', () => {
    expect(judgeRestarts(0, 60)).toBeGreaterThan(2)
  })

  /** As a host answers that has forgotten the flow. */
  const denial = (asked: Observed): Observed => {
    const { bytes, ...rest } = withHeader(asked, header => {
      const { srcFlow, dstFlow } = header
      Object.assign(header, { srcFlow: dstFlow, dstFlow: srcFlow, flags: flagsOf(RST, 0), nonceLow: 7 })
    })
    const [length] = bytes.subarray(HEADER_WORDS_AT)
    return {
      ...rest,
      from: asked.to,
      to: asked.from,
      direction: 'out',
      bytes: bytes.slice(0, 4 * must(length)),
    }
  }

  test('is violated if it refuses a flow and then continues it', () => {
    const all = logs.flatMap(log => {
      const last = log.findLastIndex(o => o.direction === 'out' && kindIn(o) === 'DATA')
      const at = log.findIndex(o => o.direction === 'in' && kindIn(o) === 'DATA')
      return at > 0 && at < last ? [judge(log.toSpliced(at + 1, 0, denial(must(log[at]))))] : []
    })
    expect(all.length).toBeGreaterThan(5)
    for (const { verdict, contradiction } of all) {
      expect(verdict).toBe('violated')
      expect(KINDS[must(contradiction).packet.kind]).toBe('RST')
    }
  })
})

/** The packets that host 0 sent in some runs. */
const logs = Array.from({ length: 25 }, (_, seed) => must(record(seed, 2, 'mild')[0]))

/** How many of them have their packets changed. Each change is judged by itself. */
const CHANGED_LOGS = 12

/** Verdicts when each packet out of these kinds is changed, one at a time. */
function verdicts(kinds: readonly string[], change: (observed: Observed) => Observed): string[] {
  return logs
    .slice(0, CHANGED_LOGS)
    .flatMap(log =>
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

describe('a changed recording', SLOW, () => {
  test.each(CHANGES)('with another %s is violated', (_what, kinds, change) => {
    const all = verdicts(kinds, change)
    expect(all.length).toBeGreaterThan(20)
    // What is left could have been: a move to that address, of which nothing more was heard.
    expect(caught(all)).toBeGreaterThan(0.94)
  })

  test('with another flowID never holds', () => {
    const strange = verdicts(['ACK', 'RSYN', 'FIN', 'DATA'], o =>
      withHeader(o, header => {
        header.srcFlow = other(header.srcFlow)
      }),
    )
    // The judge reports flows that began before the capture as not judged.
    expect(strange).not.toContain('holds')
  })

  test('without an answer is violated, with at most one exception', () => {
    const all = logs.flatMap(log =>
      log.flatMap((observed, at) => {
        const before = log[at - 1]
        const answers =
          before?.direction === 'in' &&
          kindIn(before) === 'RSYN' &&
          kindIn(observed) === 'RSYNACK' &&
          // Later, it is a repetition by a timer, which a host may miss.
          before.timeMs === observed.timeMs
        return answers ? [judge(log.toSpliced(at, 1))] : []
      }),
    )
    expect(all.length).toBeGreaterThan(3)
    const missed = all.filter(({ verdict }) => verdict === 'violated')
    // Where both ends move at once, an answer to a repeated RSYN may wait for credit, which the judge does not see.
    expect(missed.length).toBeGreaterThanOrEqual(all.length - 1)
    for (const { contradiction } of missed)
      expect(must(contradiction).expected.map(({ kind }) => KINDS[kind])).toContain('RSYNACK')
  })
})

test(
  'a host that says nothing more may have been stopped for good, unless it is known to have run',
  SLOW,
  () => {
    let silent = 0
    for (const log of logs) {
      const last = log.findLastIndex(({ direction }) => direction === 'out')
      const stopped = log.filter(({ direction }, at) => direction === 'in' || at < last / 2)
      const running = judge(stopped)
      const { verdict, contradiction, silence } = judge(stopped, {})
      expect(contradiction).toBeUndefined()
      expect(silence).toEqual(running.contradiction)
      expect(verdict === 'holds').toBe(running.verdict === 'holds')
      if (silence !== undefined) silent++
    }
    expect(silent).toBeGreaterThan(3)
  },
)

test('a host that stopped before its answer is not blamed', SLOW, () => {
  const all = logs.flatMap(log =>
    log.flatMap((observed, at) => {
      const asked = log[at - 1]
      if (asked?.direction !== 'in' || kindIn(asked) !== 'RSYN' || kindIn(observed) !== 'RSYNACK') return []
      return [judge(log.map((one, i) => (i < at ? one : { ...one, timeMs: one.timeMs + 5000 }))).verdict]
    }),
  )
  expect(all.length).toBeGreaterThan(3)
  expect(new Set(all)).toEqual(new Set(['holds']))
})

describe('the judge detects a stack', SLOW, () => {
  /** The number of its runs that the judge rejects. */
  const found = (spoil: (host: Host) => void): number => {
    const runs = Array.from({ length: 20 }, (_, seed) =>
      record(seed, 2, 'mild', (_host, host) => spoil(host)),
    )
    return runs.filter(([seen]) => judge(must(seen)).verdict === 'violated').length
  }

  test('that acknowledges packets that did not arrive', () => {
    const wrong = found(({ packets }) => {
      const control = packets.control.bind(packets)
      packets.control = (sent, ...rest) => control({ ...sent, ackno: (must(sent.ackno) + 1) >>> 0 }, ...rest)
    })
    expect(wrong).toBeGreaterThan(17)
  })

  test('that does not answer packets for unknown flows', () => {
    const wrong = found(host => {
      host.strangers.take = () => false
    })
    expect(wrong).toBeGreaterThan(0)
  })

  test('whose timers retransmit finished packets', () => {
    const wrong = found(host => {
      host.observer = flow => {
        if (flow.connection >= CONNECTION.CONNECTED) flow.state.owed = must(flow.state.owed) | OWES_PROOF
      }
    })
    expect(wrong).toBeGreaterThan(10)
  })
})

describe('a SYN-ACK that its server repeats by its timer', SLOW, () => {
  const log = must(logs.find(seen => kindIn(must(seen.find(o => o.direction === 'out'))) === 'SYNACK'))
  const at = log.findIndex(o => o.direction === 'out')
  const synack = must(log[at])
  const begin = log.slice(0, at + 1)
  const again = { ...synack, timeMs: synack.timeMs + 1000 }
  /** A router has sent the SYNs on: only SOURCE says where they are from. */
  const routed = begin.map(o => (kindIn(o) === 'SYN' ? { ...o, origin: o.from, from: o.from + 1 } : o))
  const asked = { ...must(routed.findLast(o => kindIn(o) === 'SYN')), timeMs: again.timeMs }

  test('holds if the SYN came directly from the client', () => {
    expect(judge([...begin, again], { isRunning: false })).toMatchObject({ verdict: 'holds', flows: 1 })
  })

  test('is violated if only SOURCE names the client, unless the SYN was repeated (invariant 60)', () => {
    expect(judge([...routed, again], { isRunning: false }).contradiction).toMatchObject({
      kind: 'unexplained',
      packet: { number: at + 2 },
    })
    expect(judge([...routed, asked, again], { isRunning: false }).verdict).toBe('holds')
  })
})

test('the judge accepts any bytes', () => {
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

test(
  'the judge does not judge a flow with too many open readings, and reports it as incomplete',
  SLOW,
  () => {
    const log = must(logs.find(seen => seen.some(o => o.direction === 'out' && kindIn(o) === 'FIN')))
    const closed = log.findIndex(o => o.direction === 'out' && kindIn(o) === 'FIN')
    const flood = must(log.find(o => o.direction === 'in' && kindIn(o) === 'ACK'))
    const flooded = (times: number) =>
      judge(
        log.toSpliced(closed + 1, 0, ...Array(times).fill({ ...flood, timeMs: must(log[closed]).timeMs })),
      )
    expect(flooded(1000)).toMatchObject({ verdict: 'holds', packets: { uncertain: 0 } })
    const { verdict, packets } = flooded(5000)
    expect(verdict).toBe('incomplete')
    expect(packets.uncertain).toBeGreaterThan(0)
  },
)

/** A capture of the prototype; the frames tell which packets its host sent. */
const prototype = (file: string): Observed[] =>
  readCapture(readFileSync(join(folder, `${file}.pcap`))).datagrams.map(datagram => ({
    ...datagram,
    direction: datagram.direction as 'in' | 'out',
    isIntact: isIntact(datagram),
  }))

describe('captures of the prototype', () => {
  test.each([
    // Its client does nothing that the specification's would not.
    ['tcp-basic-A', 'holds', ''],
    // The SYN went to a broadcast address, and the answer comes from another.
    ['tcp-basic-B', 'violated', 'unexplained SYNACK'],
    // The client's ACK is answered by a plain ACK before anything else: the client repeats it until then.
    ['mig-lost-rsynack-B', 'violated', 'unexplained DATA'],
    // D9: the ACK was dropped behind the recorder, and the data that confirms as well gets nothing forever.
    ['lost-connack-B', 'violated', 'withheld ACK'],
  ])('%s %s: %s', (file, expected, first) => {
    const { verdict, contradiction } = judge(prototype(file))
    expect(verdict).toBe(expected)
    const { kind = '', packet } = contradiction ?? {}
    expect(packet === undefined ? '' : `${kind} ${KINDS[packet.kind]}`).toBe(first)
  })
})

test('an ended flow need not answer a packet that is shorter than a RST (invariant 54)', () => {
  const plan: Plan = {
    ...{ format: 1, seed: 1, hosts: 2, addresses: 1, latencyMs: 10, tries: 15, calmMs: 6000 },
    faults: { loss: 0, duplication: 0, corruption: 0, reordering: 0, reorderMs: 0, jitterMs: 0 },
    actions: [
      { atMs: 0, do: 'connect', flow: 0, host: 0, from: 0, to: 1, via: 0, protocol: 'datagram' },
      // The host uses this flow to the end, so it does not restart.
      { atMs: 1, do: 'connect', flow: 1, host: 0, from: 0, to: 1, via: 0, protocol: 'datagram' },
      { atMs: 1000, do: 'abort', flow: 0, end: 'server' },
      { atMs: 1001, do: 'write', flow: 0, end: 'client', bytes: 1 },
    ],
  }
  const log = must(recordPlan(plan)[1])
  expect(log.find(o => o.direction === 'in' && kindIn(o) === 'DATA')?.bytes.length).toBeLessThan(32)
  expect(judge(log).verdict).toBe('holds')
})

test('a judge returns the same judgement each time', () => {
  const one = new Judge()
  for (const observed of must(logs[0])) one.see(observed)
  expect(one.judgement()).toEqual(one.judgement())
})
