/** Services asked for, found by prefix. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { printPrefix, printServiceId, serviceIdOf, servicePrefixOf } from '../host/services/serviceId.ts'
import { cutAt } from '../host/testing/services.ts'
import { Askers } from './askers.ts'
import { bitsOf, isBelow, Prefixes } from './prefixes.ts'

test('finds the hosts that asked by prefix, and forgets a host that leaves', () => {
  const askers = new Askers<string>()
  const [eu, us, other] = ['acme/store/eu', 'acme/store/us', 'other'].map(name =>
    printServiceId(serviceIdOf(name)),
  )
  for (const [id, peer] of [
    [eu, 'one'],
    [eu, 'two'],
    [us, 'one'],
    [other, 'one'],
  ])
    askers.add(must(id), must(peer))
  const below = (text: string) => {
    const all: string[][] = []
    askers.below(printPrefix(servicePrefixOf(text)), (id, peers) =>
      all.push([id, [...peers].sort().join(' ')]),
    )
    return all
  }
  expect(below('acme/store/eu')).toEqual([[eu, 'one two']])
  expect(below('acme').sort()).toEqual(
    [
      [eu, 'one two'],
      [us, 'one'],
    ].sort(),
  )
  expect(below('*').length).toBe(3)
  askers.delete(must(eu), 'one')
  askers.delete(must(us), 'one')
  askers.delete(must(us), 'one')
  expect(below('acme')).toEqual([[eu, 'two']])
})

test('finds the prefixes of a service, whatever their lengths', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const lengths = fc.array(fc.nat(256), { maxLength: 20 })
  fc.assert(
    fc.property(bytes, bytes, lengths, lengths, (service, other, own, others) => {
      const prefixes = new Prefixes<number>()
      const cutOf = (id: Uint8Array) => (bits: number) => printPrefix(cutAt(id, bits))
      const [above, beside] = [own.map(cutOf(service)), others.map(cutOf(other))]
      for (const id of [...above, ...beside]) prefixes.add(id, 1)
      const expected = new Set([
        ...above,
        ...beside.filter(id => isBelow(servicePrefixOf(id), printServiceId(service))),
      ])
      expect(prefixes.above(service)).toEqual([...expected].sort((a, b) => bitsOf(b) - bitsOf(a)))
      for (const id of above) prefixes.delete(id, 1)
      expect(new Set(prefixes.above(service))).toEqual(
        new Set(
          beside.filter(id => isBelow(servicePrefixOf(id), printServiceId(service)) && !above.includes(id)),
        ),
      )
    }),
  )
})
