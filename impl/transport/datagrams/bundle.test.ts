/** Datagrams over several flows, in virtual time. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { SYN } from '../../../spec/machines/flow/packets.ts'
import { encodeDatagramHeader } from '../../../spec/wire/datagram.ts'
import { QUEUE_MESSAGES } from '../datagram.ts'
import { MOST_OLD } from './seenNumbers.ts'
import { Paths } from './testing/paths.ts'

const message = (text: string) => Uint8Array.from(Buffer.from(text))
const names = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `${from + i}`)

/** Sends a message each `everyMs`, and returns those that have arrived a while later, in the order of arrival. */
function talk(paths: Paths, texts: readonly string[], everyMs = 5): string[] {
  const heard: string[] = []
  for (const text of texts) {
    paths.here.write(message(text))
    paths.run(everyMs)
    heard.push(...paths.read(paths.there))
  }
  paths.run(500)
  return [...heard, ...paths.read(paths.there)]
}

/** Two flows, whose round trips are known. */
function measured(scheduler: 'minRtt' | 'redundant' | 'backup' = 'minRtt', isBackup = false): Paths {
  const paths = new Paths(20)
  paths.join(5, isBackup)
  paths.here.scheduler = paths.there.scheduler = scheduler
  paths.run(100)
  return paths
}

const byText = (a: string, b: string) => Number(a) - Number(b)

describe('with one flow', () => {
  test('the wire is as if nobody knew of several flows, also while another one joins in vain', () => {
    const paths = new Paths(1)
    const joining = [paths.here.join(), paths.there.join()]
    const syn = new Uint8Array(8)
    joining[0]?.writeHandshake(SYN, syn, 0, 0)
    expect(joining[1]?.readHandshake(SYN, syn, 0, 8, 0)).toBe(true)
    paths.there.write(message('back'))
    expect(talk(paths, names(3))).toEqual(names(3))
    const plain = ['0009000030', '000c00006261636b', '0009000031', '0009000032'].map(
      rest => `00000000${rest}`,
    )
    expect(paths.sent.map(bytes => Buffer.from(bytes).toString('hex'))).toEqual(plain)
  })
})

test('a scheduler alone changes nothing with one flow: the label is ignored', () => {
  const { there } = new Paths(1)
  there.scheduler = 'redundant'
  const out = new Uint8Array(100)
  const payload = encodeDatagramHeader(1, out, 0, 0x1234_5678)
  there.receive(out, 0, payload + 1, 0)
  expect([there.statistics.received, there.statistics.malformed, there.flows]).toEqual([1, 0, []])
})

test('an end that has not got the ACK of a further flow answers in the first one, which stays in use', () => {
  const paths = new Paths(20)
  const joined = paths.join(5, false, true)
  // Its host drops what arrives in a flow without a proof.
  joined.isDead = true
  const heard = talk(paths, names(100))
  expect(heard).toEqual(names(100))
  expect(paths.here.flows[0]).toMatchObject({ isStalled: false, roundTripMs: 40 })
  paths.there.write(message('plain'))
  paths.run(100)
  expect(paths.read(paths.here)).toEqual(['plain'])
  expect(Buffer.from(paths.sent.at(-1) ?? []).toString('hex')).toBe(
    `00000000000d0000${Buffer.from('plain').toString('hex')}`,
  )
})

describe('minRtt', () => {
  test('takes the flow with the shorter round trip, and needs no byte more for each message', () => {
    const paths = measured()
    const before = paths.lines.map(({ packets }) => packets)
    expect(talk(paths, names(100))).toEqual(names(100))
    const [slow = 0, fast = 0] = paths.lines.map(({ packets }, i) => packets - at(before, i))
    expect([slow, fast > 100]).toEqual([0, true])
    const lengths = new Set(paths.sent.map(({ length }) => length))
    // Questions and answers have no message.
    expect([...lengths].sort()).toEqual([10, 8, 9])
  })

  test('leaves a path that dies after one round trip and 20 ms, and returns to it once it works', () => {
    const paths = measured()
    const [slow, fast] = [at(paths.lines, 0), at(paths.lines, 1)]
    talk(paths, names(20))
    fast.isDead = true
    const lost = names(200).filter(text => !new Set(talk(paths, [text])).has(text))
    expect(lost.length).toBeLessThanOrEqual(2)
    expect(paths.here.flows.map(({ isStalled }) => isStalled)).toEqual([false, true])
    fast.isDead = false
    for (let i = 0; i < 4; i++) talk(paths, names(1))
    const before = slow.packets
    paths.run(20_000)
    talk(paths, names(20))
    expect(slow.packets - before).toBeLessThanOrEqual(4)
    expect(paths.here.flows.map(({ isStalled }) => isStalled)).toEqual([false, false])
  })

  test('of a path that dies while messages leave all the time, only those of that time are lost', () => {
    const paths = measured()
    talk(paths, names(20), 1)
    at(paths.lines, 1).isDead = true
    const heard = new Set(talk(paths, names(200), 1))
    const lost = names(200).filter(text => !heard.has(text))
    // A question each 20 ms; its answer is late after 10 ms and 20 ms more.
    expect(lost.length).toBeGreaterThan(20)
    expect(lost.length).toBeLessThanOrEqual(20 + 10 + 20 + 1)
  })

  test('uses a backup only while no other flow works', () => {
    const paths = measured('minRtt', true)
    const [first, backup] = [at(paths.lines, 0), at(paths.lines, 1)]
    const before = backup.packets
    talk(paths, names(20))
    expect(backup.packets - before).toBeLessThanOrEqual(2)
    first.isDead = true
    talk(paths, names(40))
    expect(backup.packets - before).toBeGreaterThan(20)
  })
})

test('backup takes the oldest flow that answers', () => {
  const paths = measured('backup')
  const before = at(paths.lines, 1).packets
  expect(talk(paths, names(20))).toEqual(names(20))
  expect(at(paths.lines, 1).packets - before).toBeLessThanOrEqual(2)
})

test('redundant sends in every flow, and each message arrives once, whichever path loses it', () => {
  const paths = measured('redundant')
  at(paths.lines, 1).isDead = true
  expect(talk(paths, names(50))).toEqual(names(50))
  at(paths.lines, 1).isDead = false
  expect(talk(paths, names(50))).toEqual(names(50))
  expect(paths.there.statistics).toMatchObject({ repeated: 50, stale: 0 })
})

test('no message arrives twice, whatever the network repeats, delays and loses, and none that arrives is dropped', () => {
  const fates = fc.array(fc.array(fc.nat(80), { maxLength: 3 }), { minLength: 50, maxLength: 50 })
  const schedulers = fc.constantFrom('minRtt', 'redundant', 'backup' as const)
  fc.assert(
    fc.property(fates, schedulers, (fate, scheduler) => {
      const paths = measured(scheduler as 'minRtt')
      let i = 0
      let arrived = 0
      for (const line of paths.lines)
        line.copies = () => {
          const copies = at(fate, i++ % fate.length)
          arrived += copies.length
          return copies
        }
      const heard = talk(paths, names(60))
      expect(new Set(heard).size).toBe(heard.length)
      const { received, repeated, stale } = paths.there.statistics
      expect(stale).toBe(0)
      expect(received).toBe(heard.length)
      expect(received + repeated).toBeLessThanOrEqual(arrived)
      for (const line of paths.lines) line.copies = () => [0]
      expect(talk(paths, names(20, 100)).sort(byText).slice(-1)).toEqual(['119'])
    }),
    { numRuns: 30 },
  )
})

const happening = fc.record({
  kind: fc.constantFrom('join', 'leave', 'die', 'heal', 'freeze', 'thaw', 'change', 'backup', 'scheduler'),
  which: fc.nat(100),
})
type Happening = Readonly<typeof happening extends fc.Arbitrary<infer T> ? T : never>

/** Something happens to a flow. One always stays. */
function happen(paths: Paths, { kind, which }: Happening): void {
  const line = at(paths.lines, which % paths.lines.length)
  const end = at(line.ends, which % 2)
  if (kind === 'join' && paths.lines.length < 5) paths.join(1 + (which % 50), which % 3 === 0)
  else if (kind === 'leave' && paths.lines.length > 1) paths.leave(line)
  else if (kind === 'die' || kind === 'heal') line.isDead = kind === 'die'
  else if (kind === 'freeze') end.freeze()
  else if (kind === 'thaw') end.thaw(paths.nowMs, which % 3 === 0)
  else if (kind === 'change') end.change(paths.nowMs)
  else if (kind === 'backup') at([paths.here, paths.there], which % 2).setBackup(end, which % 3 === 0)
  else if (kind === 'scheduler')
    paths.here.scheduler = at(['minRtt', 'redundant', 'backup'] as const, which % 3)
}

test('whatever happens to flows, no message arrives twice, and messages arrive once it is over', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), events => {
      const paths = measured()
      const heard: string[] = []
      events.forEach((event, i) => {
        happen(paths, event)
        heard.push(...talk(paths, names(2, 2 * i), 10))
      })
      for (const line of paths.lines) {
        line.isDead = false
        for (const end of line.ends) end.thaw(paths.nowMs, false)
      }
      talk(paths, names(1, 1000))
      expect(talk(paths, names(20, 2000))).toEqual(names(20, 2000))
      expect(new Set(heard).size).toBe(heard.length)
      expect([paths.there.statistics.stale, paths.there.statistics.malformed]).toEqual([0, 0])
    }),
    { numRuns: 40 },
  )
})

describe('flows come and go', () => {
  test('the first one still counts what it carried alone', () => {
    const paths = new Paths(20)
    talk(paths, names(3))
    paths.here.join()
    paths.there.join()
    talk(paths, names(2))
    expect([paths.here.flows[0]?.sent, paths.there.flows[0]?.received]).toEqual([5, 5])
    paths.join(5)
    paths.run(100)
    talk(paths, names(4))
    expect(paths.here.flows.map(({ sent }) => sent)).toEqual([5, 0, 4])
    expect(paths.there.flows.map(({ received }) => received)).toEqual([5, 0, 4])
  })

  test('when the first one leaves, or freezes, messages take the others, in both directions', () => {
    const paths = measured('backup')
    for (const end of [paths.here, paths.there]) end.freeze()
    expect(talk(paths, names(3))).toEqual(names(3))
    for (const end of [paths.here, paths.there]) end.leave(end)
    expect(talk(paths, names(3, 3))).toEqual(names(3, 3))
    paths.there.write(message('back'))
    paths.run(10)
    expect(paths.read(paths.here)).toEqual(['back'])
    expect(paths.here.flows.length).toBe(1)
  })

  test('what waits leaves before the end, in whatever flow', () => {
    const paths = measured('redundant')
    for (const text of names(QUEUE_MESSAGES)) expect(paths.here.write(message(text))).toBe(true)
    paths.here.finish(paths.nowMs)
    const ends = at(paths.lines, 1).ends
    expect([paths.here.finished, ends[0].finished]).toEqual([false, false])
    // The first flow has sent and lost these messages. The other flow has still to send its copies.
    while (paths.here.send(new Uint8Array(100), 0, paths.nowMs) > 0);
    expect([paths.here.finished, ends[0].finished]).toEqual([true, false])
    expect(talk(paths, []).sort(byText)).toEqual(names(QUEUE_MESSAGES))
    expect([paths.here.finished, ends[0].finished]).toEqual([true, true])
    expect(paths.here.write(message('late'))).toBe(false)
  })
})

describe('of a hostile peer', () => {
  const receive = (paths: Paths, label: number, text = '') => {
    const out = new Uint8Array(100)
    const payload = encodeDatagramHeader(text.length, out, 0, label)
    out.set(message(text), payload)
    paths.there.receive(out, 0, payload + text.length, paths.nowMs)
  }

  test('labels without a meaning are counted and dropped', () => {
    const paths = measured()
    for (const [label, text] of [
      [0x2000_0001, 'x'],
      [0x4000_0001, 'x'],
      [0x6000_0001, ''],
      [0xa000_0001, 'x'],
      [0xe000_0001, 'x'],
      [0x0000_0001, 'x'],
    ] as const)
      receive(paths, label, text)
    expect(paths.there.statistics).toMatchObject({ malformed: 6, received: 0 })
  })

  test('answers to questions that nobody asked measure nothing', () => {
    const paths = measured()
    const [before] = paths.there.flows
    for (let i = 0; i < 100; i++) receive(paths, 0x2000_0000 | i)
    expect(paths.there.flows[0]).toEqual(before)
  })

  test('many questions cost one answer', () => {
    const paths = measured()
    const before = paths.sent.length
    for (let i = 0; i < 100; i++) receive(paths, 0x4000_0000 | i)
    paths.run(100)
    expect(paths.sent.length - before).toBe(1)
  })

  test('old numbers are counted and dropped, until they show that the window was led astray', () => {
    const paths = measured()
    talk(paths, names(1))
    receive(paths, (0x8000_0000 | 0x0fff_ffff) >>> 0, 'forged')
    const heard = talk(paths, names(MOST_OLD + 36), 1)
    expect(heard.length).toBe(1 + 36)
    expect(paths.there.statistics.stale).toBe(MOST_OLD)
  })
})
