/** Segments sent in packets larger than those that now fit. */

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { LOST, PUSHED, REPEATED, SACKED, Segments, WITH_FIN } from './segments.ts'
import { brief } from './testing/said.ts'
import { FULL, sending } from './testing/sending.ts'

/** Returns every segment in flight, ordered by time of sending. */
function inFlight(segments: Segments): [number, number][] {
  const list: [number, number][] = []
  for (let place = segments.oldest; place >= 0; place = must(segments.after[place]))
    list.push([must(segments.start[place]), must(segments.length[place])])
  return list
}

test('a segment leaves again in parts, with its FIN in the last', () => {
  const hand = sending(2, { peerSack: false })
  hand.stream.finish(0)
  hand.take()
  hand.packetBytes = 32 + 400
  expect(brief(hand.wait(250))).toEqual(['1+400', '401+400', '801+200'])
  hand.say({ ack: 1001 })
  hand.wait(3000)
  hand.say({ ack: 2001 }).wait(1000)
  hand.say({ ack: 2002 })
  expect(hand.stream.finished).toBe(true)
})

test('a tail probe also fits the smaller packet', () => {
  const hand = sending(1)
  hand.packetBytes = 32 + 400
  expect(brief(hand.wait(150))).toEqual([`801+${FULL - 800}`])
})

test('cutting preserves losses, SACKs, and the order of sending', () => {
  const entry = fc.record({
    length: fc.integer({ min: 1, max: 50 }),
    fate: fc.constantFrom(0, 0, SACKED, LOST, REPEATED),
  })
  const property = fc.property(
    fc.array(entry, { minLength: 1, maxLength: 80 }),
    fc.integer({ min: 1, max: 30 }),
    (entries, most) => {
      const segments = new Segments()
      let start = 1
      for (const { length } of entries) {
        segments.push(start, length, length === must(entries.at(-1)).length ? PUSHED : 0, 0)
        start += length
      }
      segments.push(start, 1, WITH_FIN, 1)
      entries.forEach(({ fate }, place) => {
        if (fate === SACKED) segments.sack(place)
        if (fate === LOST) segments.lose(place)
        if (fate === REPEATED) segments.resend(place, 2 + place)
      })
      const before = inFlight(segments)
      const sums = [segments.flight, segments.sacked, segments.lost, segments.pipe]
      const first = segments.firstLost()
      const at = first < 0 ? -1 : must(segments.start[first])
      const place = segments.cut(most, first < 0 ? 0 : first)
      expect([segments.flight, segments.sacked, segments.lost, segments.pipe]).toEqual(sums)
      expect(inFlight(segments)).toEqual(
        before.flatMap(([from, length]) =>
          Array.from({ length: Math.ceil(length / most) }, (_, i) => [
            from + i * most,
            Math.min(most, length - i * most),
          ]),
        ),
      )
      if (first >= 0) expect([segments.start[place], segments.firstLost()]).toEqual([at, place])
      let next = 1
      for (let i = segments.head; i < segments.tail; i++) {
        expect(segments.start[i & segments.mask]).toBe(next)
        if (!(must(segments.flags[i & segments.mask]) & SACKED))
          expect(segments.bytes(i & segments.mask)).toBeLessThanOrEqual(most)
        next += must(segments.length[i & segments.mask])
      }
      expect(next).toBe(start + 1)
    },
  )
  fc.assert(property, { numRuns: 200 })
})
