import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { LOST, REPEATED, SACKED, Segments } from './segments.ts'

/** The reference: the same, as a list of plain objects. */
interface Entry {
  readonly start: number
  length: number
  sentAt: number
  order: number
  isSacked: boolean
  isLost: boolean
  isRepeated: boolean
}

const act = fc.record({
  name: fc.constantFrom(
    'push',
    'push',
    'push',
    'shift',
    'sack',
    'lose',
    'resend',
    'unsackAll',
    'loseAll',
    'findAll',
  ),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  size: fc.integer({ min: 1, max: 1500 }),
})

class Model {
  readonly segments = new Segments()
  entries: Entry[] = []
  #now = 0
  #order = 0
  #next = 1

  do({ name, at, size }: { name: string; at: number; size: number }): void {
    const { segments } = this
    const index = Math.floor(at * this.entries.length)
    const entry = this.entries[index]
    const place = (segments.head + index) & segments.mask
    this.#now += 1
    switch (name) {
      case 'push':
        segments.push(this.#next, size, 0, this.#now)
        this.entries.push({
          start: this.#next,
          length: size,
          sentAt: this.#now,
          order: this.#order++,
          isSacked: false,
          isLost: false,
          isRepeated: false,
        })
        this.#next += size
        return
      case 'shift':
        if (this.entries.shift()) segments.shift()
        return
      case 'sack':
        if (!entry || entry.isSacked) return
        Object.assign(entry, { isSacked: true, isLost: false })
        segments.sack(place)
        return
      case 'lose':
        if (!entry || entry.isSacked || entry.isLost) return
        entry.isLost = true
        segments.lose(place)
        return
      case 'resend':
        if (!entry || entry.isSacked) return
        Object.assign(entry, { isLost: false, isRepeated: true, sentAt: this.#now, order: this.#order++ })
        segments.resend(place, this.#now)
        return
      case 'unsackAll':
        for (const one of this.entries)
          if (one.isSacked) Object.assign(one, { isSacked: false, isLost: true })
        segments.unsackAll()
        return
      case 'loseAll':
        for (const one of this.entries) if (!one.isSacked) one.isLost = true
        segments.loseAll()
        return
      default: {
        const found = this.entries.filter(one => one.isLost && !one.isRepeated)
        found.reverse().forEach((one, i) => {
          Object.assign(one, { isLost: false, order: -this.#order - i })
        })
        this.#order += found.length
        segments.findAll()
      }
    }
  }

  /** Not checked after every step, because the ring remembers where it looked. */
  checkFirstLost(): void {
    const { segments, entries } = this
    const index = entries.findIndex(({ isLost }) => isLost)
    expect(segments.firstLost()).toBe(index < 0 ? -1 : (segments.head + index) & segments.mask)
  }

  check(): void {
    const { segments, entries } = this
    const sum = (of: (entry: Entry) => boolean) => entries.filter(of).reduce((a, { length }) => a + length, 0)
    expect(segments.count).toBe(entries.length)
    expect(segments.flight).toBe(sum(() => true))
    expect(segments.sacked).toBe(sum(({ isSacked }) => isSacked))
    expect(segments.sackedCount).toBe(entries.filter(({ isSacked }) => isSacked).length)
    expect(segments.lost).toBe(sum(({ isLost }) => isLost))
    const flags = entries.map(
      e => (e.isSacked ? SACKED : 0) | (e.isLost ? LOST : 0) | (e.isRepeated ? REPEATED : 0),
    )
    const places = entries.map((_, i) => (segments.head + i) & segments.mask)
    expect(places.map(place => segments.flags[place])).toEqual(flags)
    expect(places.map(place => segments.start[place])).toEqual(entries.map(({ start }) => start))
    const flying = entries.filter(e => !e.isSacked && !e.isLost).sort((a, b) => a.order - b.order)
    const list: number[] = []
    for (let place = segments.oldest; place >= 0; place = must(segments.after[place]))
      list.push(must(segments.start[place]))
    expect(list).toEqual(flying.map(({ start }) => start))
    expect(segments.newest < 0).toBe(flying.length === 0)
  }
}

test('the ring, its sums and its order by time agree with a list of plain objects', () => {
  const property = fc.property(fc.array(act, { maxLength: 150, size: 'max' }), acts => {
    const model = new Model()
    for (const one of acts) {
      model.do(one)
      model.check()
      if (one.size % 4 === 0) model.checkFirstLost()
    }
  })
  fc.assert(property, { numRuns: 60 })
})

test('an acknowledgment in the middle of a segment leaves the rest', () => {
  const segments = new Segments()
  segments.push(1, 100, 0, 0)
  segments.trim(41)
  expect([segments.flight, segments.start[0], segments.length[0]]).toEqual([60, 41, 60])
  segments.lose(0)
  segments.trim(51)
  expect([segments.flight, segments.lost, segments.pipe]).toEqual([50, 50, 0])
})

test('finds entries by position, also after the ring has wrapped', () => {
  const segments = new Segments()
  for (let i = 0; i < 100; i++) {
    segments.push(1 + 10 * i, 10, 0, i)
    if (i >= 20) segments.shift()
  }
  for (const [position, index] of [
    [1, 80],
    [801, 80],
    [802, 81],
    [811, 81],
    [991, 99],
    [992, 100],
  ] as const)
    expect(segments.indexFrom(position)).toBe(index)
})
