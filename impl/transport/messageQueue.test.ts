import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MessageQueue } from './messageQueue.ts'

const MESSAGES = 8
const BYTES = 100

/** undefined removes a message. */
const act = fc.option(fc.oneof(fc.nat(5), fc.nat(BYTES + 1)), { nil: undefined, freq: 3 })

test('behaves like a list with two limits', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80, size: 'max' }), acts => {
      const queue = new MessageQueue(MESSAGES, BYTES)
      const list: Uint8Array[] = []
      const bytesOf = () => list.reduce((sum, message) => sum + message.length, 0)
      for (const length of acts) {
        if (length === undefined) {
          expect(queue.shift()).toBe(list.shift())
        } else {
          const message = new Uint8Array(length)
          const fits = list.length < MESSAGES && bytesOf() + length <= BYTES
          expect(queue.push(message)).toBe(fits)
          if (fits) list.push(message)
        }
        expect([queue.size, queue.bytes]).toEqual([list.length, bytesOf()])
        expect(queue.isHalfEmpty).toBe(list.length <= MESSAGES / 2 && bytesOf() <= BYTES / 2)
      }
      queue.clear()
      expect([queue.size, queue.bytes, queue.shift()]).toEqual([0, 0, undefined])
    }),
    { numRuns: 300 },
  )
})
