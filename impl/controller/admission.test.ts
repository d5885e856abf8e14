import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { parseAddress } from '../link/address.ts'
import { sourceNetworkOf } from '../link/sourceNetwork.ts'
import { Admission } from './admission.ts'

const guest = (source: string, heardMs: number) => ({ source, heardMs })
const limits = { all: 5, ofSource: 3, silentMs: 100 }

test('an address is one source, and so is an IPv6 /64', () => {
  const of = (text: string) => sourceNetworkOf(parseAddress(text))
  expect(of('192.0.2.1:1')).toBe(of('192.0.2.1:2'))
  expect(of('192.0.2.1:1')).not.toBe(of('192.0.2.2:1'))
  expect(of('[2001:db8::1]:1')).toBe(of('[2001:db8::ffff:1]:7'))
  expect(of('[2001:db8::1]:1')).not.toBe(of('[2001:db8:0:1::1]:1'))
  expect(of('[::ffff:192.0.2.1]:1')).toBe(of('192.0.2.1:1'))
})

test('a source above its share loses its most silent host, or the new one is refused', () => {
  const admission = new Admission(limits)
  const [first, second, third, early, late] = [1, 20, 30, 50, 200].map(ms => guest('a', ms))
  for (const one of [first, second, third]) expect(admission.add(must(one))).toBeUndefined()
  expect(admission.add(must(early))).toBe(early)
  admission.delete(must(early))
  expect(admission.add(must(late))).toBe(first)
})

test('when all places are occupied, the source with the most loses one', () => {
  const admission = new Admission(limits)
  const greedy = [1, 2, 3].map(ms => guest('greedy', ms))
  for (const one of [...greedy, guest('b', 0), guest('c', 0)]) admission.add(one)
  expect(admission.add(guest('d', 4))).toBe(greedy[0])
})

test('among equal sources the most silent host is evicted, rather than the oldest', () => {
  const admission = new Admission(limits)
  const first = { source: 'first', heardMs: 1 }
  const others = ['a', 'b', 'c', 'd'].map((source, i) => guest(source, 10 + i))
  for (const one of [first, ...others]) admission.add(one)
  first.heardMs = 100
  expect(admission.add(guest('new', 200))).toBe(others[0])
})
