/** When a silent peer is given up: never before its time, and never because of this process. In virtual time. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { type Look, Silence } from './silence.ts'

const DEAD_AFTER_MS = 100_000
/** The most that the end of a silence is late: a look, and the last answer. */
const LATE_MS = DEAD_AFTER_MS / 4 + 3000

/** A time of this process in which it does not run. */
interface Stall {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * A peer that talks until an outage begins, and after its end answers each question. Looks happen when they are due, or
 * after a stall; what arrives in a stall is read after the first look. Returns when the peer is given up, or Infinity.
 */
function givenUp(
  outage: Stall,
  {
    stalls = [],
    keepAliveMs = Infinity,
    waits = () => true as boolean,
    untilMs = 1e6,
  }: {
    readonly stalls?: readonly Stall[]
    readonly keepAliveMs?: number
    readonly waits?: () => boolean
    readonly untilMs?: number
  } = {},
): number {
  const silence = new Silence(DEAD_AFTER_MS)
  silence.keepAliveMs = keepAliveMs
  let dueMs = silence.begin(0, 1)
  let answers = 1
  let [lookedMs, asked] = [-1, -1]
  for (;;) {
    const stall = stalls.find(({ fromMs, toMs }) => fromMs <= dueMs && dueMs < toMs)
    const nowMs = stall?.toMs ?? dueMs
    if (nowMs > untilMs) return Infinity
    const isAnswered = lookedMs < outage.fromMs || asked >= outage.toMs
    if (isAnswered && stall === undefined) {
      answers++
      asked = -1
    }
    const look: Look = silence.look(nowMs, answers, waits())
    if (look.act === 'give up') return nowMs
    asked = look.act === 'nothing' ? asked : nowMs
    lookedMs = nowMs
    dueMs = nowMs + look.waitMs
    if (dueMs === Infinity) return Infinity
  }
}

const NO_OUTAGE: Stall = { fromMs: 0, toMs: 0 }
const between = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true })

describe('a silent peer', () => {
  test.prop([between(0, 200_000), between(0, DEAD_AFTER_MS - 1)])(
    'survives each outage shorter than deadAfterMs',
    (fromMs, lengthMs) => {
      expect(givenUp({ fromMs, toMs: fromMs + lengthMs })).toBe(Infinity)
    },
  )

  test.prop([between(0, 200_000)])('is given up after deadAfterMs, and soon', fromMs => {
    const atMs = givenUp({ fromMs, toMs: Infinity })
    expect(atMs).toBeGreaterThanOrEqual(fromMs + DEAD_AFTER_MS - LATE_MS)
    expect(atMs).toBeLessThanOrEqual(fromMs + DEAD_AFTER_MS + 2 * LATE_MS)
  })

  test.prop([between(0, 200_000), between(1000, 1e6)])(
    'survives a stall of this process of any length',
    (fromMs, lengthMs) => {
      expect(givenUp(NO_OUTAGE, { stalls: [{ fromMs, toMs: fromMs + lengthMs }], untilMs: 2e6 })).toBe(
        Infinity,
      )
    },
  )

  test('does not survive because this process is always late', () => {
    const stalls = Array.from({ length: 3000 }, (_, i) => ({ fromMs: i * 100, toMs: i * 100 + 90 }))
    expect(givenUp({ fromMs: 0, toMs: Infinity }, { stalls })).toBeLessThan(DEAD_AFTER_MS + 2 * LATE_MS)
  })

  test('is not given up while nothing is due, except by keep-alive', () => {
    const never = { fromMs: 0, toMs: Infinity }
    expect(givenUp(never, { waits: () => false })).toBe(Infinity)
    const atMs = givenUp(never, { waits: () => false, keepAliveMs: 50_000 })
    expect(atMs).toBeGreaterThanOrEqual(150_000)
    expect(atMs).toBeLessThanOrEqual(150_000 + LATE_MS)
  })
})
