import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Agenda } from './agenda.ts'

test('runs by time, and in order of insertion at one time, like a stable sort', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant('take'))), list => {
      const agenda = new Agenda()
      const done: number[] = []
      const expected: number[] = []
      let waiting: { time: number; id: number }[] = []
      const take = () => {
        expect(agenda.nextMs).toBe(waiting[0]?.time ?? Number.POSITIVE_INFINITY)
        agenda.take()?.()
        expected.push(...waiting.slice(0, 1).map(({ id }) => id))
        waiting = waiting.slice(1)
      }
      for (const [id, item] of list.entries()) {
        if (typeof item === 'string') take()
        else {
          agenda.put(item, () => done.push(id))
          waiting = [...waiting, { time: item, id }].sort((a, b) => a.time - b.time)
        }
      }
      while (waiting.length > 0) take()
      expect(done).toEqual(expected)
      expect([agenda.size, agenda.take()]).toEqual([0, undefined])
    }),
  )
})
