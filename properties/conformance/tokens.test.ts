import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { KINDS, RST } from '../../spec/machines/flow/packets.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { flagsOf, kindOf } from '../../spec/wire/kinds.ts'
import type { Plan } from '../simulator/plan.ts'
import type { Judgement } from './judgement.ts'
import type { Observed } from './observed.ts'
import { type Header, judge, recordPlan, withHeader } from './testing/record.ts'

const SERVER = 1
const FORGOTTEN = [0, 1, 2]
/** The flow that begins after the restart. */
const NEXT = 3

const connect = (flow: number, atMs: number): Plan['actions'][number] => ({
  ...{ atMs, do: 'connect', flow, host: 0, from: 0, to: SERVER, via: 0, protocol: 'stream' },
})

/** Records a server that restarts, gets data for the flows that it has forgotten, and then uses the next flow. */
const restarted = (keepsSecret: boolean): Observed[] => {
  const plan: Plan = {
    ...{ format: 1, seed: 1, hosts: 2, addresses: 1, latencyMs: 10, tries: 15, calmMs: 6000 },
    faults: { loss: 0, duplication: 0, corruption: 0, reordering: 0, reorderMs: 0, jitterMs: 0 },
    actions: [
      ...FORGOTTEN.map(flow => connect(flow, flow)),
      { atMs: 200, do: 'crash', host: SERVER, keepsSecret },
      { atMs: 300, do: 'restart', host: SERVER },
      connect(NEXT, 350),
      ...FORGOTTEN.map((flow): Plan['actions'][number] => ({
        ...{ atMs: 2000 + 500 * flow, do: 'write', flow, end: 'client', bytes: 100 },
      })),
      { atMs: 5000, do: 'write', flow: NEXT, end: 'server', bytes: 100 },
    ],
  }
  return must(recordPlan(plan)[SERVER])
}

const frame = newFrame()
const kindIn = ({ bytes }: Observed): string => {
  decodeFrame(bytes, 0, bytes.length, frame)
  return must(KINDS[kindOf(frame)])
}
const isSent = (kind: string) => (o: Observed) => o.direction === 'out' && kindIn(o) === kind

const other = (n: number): number => (n ^ 1) >>> 0
const withOtherNonce = (o: Observed): Observed =>
  withHeader(o, (header: Header) => {
    header.nonceLow = other(header.nonceLow)
  })

/** The token is the last part of the negotiation. */
const withOtherToken = (o: Observed): Observed =>
  withHeader(o, (header: Header) => {
    const { addresses, ...rest } = must(header.advertised)
    header.advertised = { ...rest, addresses: addresses.with(-1, other(must(addresses.at(-1)))) }
  })

/** Judges the recording once for each RST, in which only this RST shows another number. */
function judgeEach(log: readonly Observed[]): Judgement[] {
  return log.flatMap((o, at) => (isSent('RST')(o) ? [judge(log.with(at, withOtherNonce(o)))] : []))
}

describe.each([
  ['keeps its secret', true],
  ['loses its secret', false],
])('a restarted host that %s', (_what, keepsSecret) => {
  const log = restarted(keepsSecret)
  /** The host uses the next flow before and after all these RSTs, so it does not restart again. */
  const inOneLife = log.slice(0, log.findIndex(isSent('DATA')) + 1)
  const resets = inOneLife.filter(isSent('RST')).length

  test('holds', () => {
    expect(judge(log)).toMatchObject({ verdict: 'holds', restarts: 1 })
    expect(resets).toBeGreaterThanOrEqual(FORGOTTEN.length)
  })

  test('is violated if one RST shows another token than the host has told, or than the RST before', () => {
    const isRepeated = resets > FORGOTTEN.length
    expect(isRepeated).toBe(!keepsSecret)
    const missed = judgeEach(inOneLife).filter(({ verdict }) => verdict !== 'violated')
    expect(missed).toEqual([])
  })

  test('holds with one more restart if nothing shows that it ran in between', () => {
    const last = inOneLife.findLastIndex(isSent('RST'))
    const changed = inOneLife.slice(0, last + 1).with(last, withOtherNonce(must(inOneLife[last])))
    expect(judge(changed)).toMatchObject({ verdict: 'holds', restarts: 2 })
  })
})

test('a RST for a flow whose beginning was not seen may show any token, and then always the same', () => {
  const log = restarted(false)
  const later = log.slice(
    log.findIndex(o => o.timeMs > 200),
    log.findIndex(isSent('DATA')) + 1,
  )
  expect(judge(later)).toMatchObject({ verdict: 'holds', restarts: 0 })
  const changed = later.map(o => (isSent('RST')(o) ? withOtherNonce(o) : o))
  expect(judge(changed)).toMatchObject({ verdict: 'holds', restarts: 0 })
  const missed = judgeEach(later).filter(({ verdict }) => verdict !== 'violated')
  expect(missed).toEqual([])
})

test('a RST that refuses a SYN shows the nonce of this SYN', () => {
  const log = restarted(true)
  const syn = must(log.find(o => kindIn(o) === 'SYN'))
  const refusal = (asked: Observed): Observed => {
    const { from, to, ...rest } = withHeader(asked, header => {
      const { srcFlow, verno } = header
      Object.assign(header, {
        srcFlow: 0,
        dstFlow: srcFlow,
        flags: flagsOf(RST, 0),
        verno: 0,
        ackno: verno + 1,
      })
      Object.assign(header, { service: undefined, advertised: undefined })
    })
    return { ...rest, from: to, to: from, direction: 'out' }
  }
  const asked = withOtherNonce(syn)
  expect(judge([syn, refusal(syn), asked, refusal(asked)])).toMatchObject({ verdict: 'holds', restarts: 0 })
  expect(judge([syn, refusal(syn), asked, refusal(syn)]).verdict).toBe('violated')
})

test('a host that repeats a SYN-ACK with another token is violated', () => {
  const log = restarted(true)
  const at = log.findIndex(isSent('SYNACK'))
  const synack = must(log[at])
  const again = { ...synack, timeMs: synack.timeMs + 1000 }
  const repeated = (packet: Observed) => judge([...log.slice(0, at + 1), packet], { isRunning: false })
  expect(repeated(again).verdict).toBe('holds')
  expect(repeated(withOtherToken(again)).verdict).toBe('violated')
})
