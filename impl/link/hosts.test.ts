import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { Hosts } from './hosts.ts'

const bytes = new Uint8Array(16)
const fill = (hosts: Hosts, prefix: string, count: number): number[] =>
  Array.from({ length: count }, (_, i) => hosts.add(`${prefix}${i}`, bytes))

test('a full table evicts addresses that were not used, and keeps those that were', () => {
  const hosts = new Hosts(8)
  const [first, second] = fill(hosts, 'a', 8) as [number, number]
  hosts.text(first)
  fill(hosts, 'b', 7)
  expect([hosts.text(first), hosts.text(second), hosts.size]).toEqual(['a0', undefined, 8])
})

test('a held address survives any flood; once released, it can be evicted', () => {
  const hosts = new Hosts(8)
  const [kept] = fill(hosts, 'a', 1) as [number]
  hosts.hold(kept, 1)
  hosts.hold(kept, 1)
  hosts.hold(kept, -1)
  fill(hosts, 'b', 1000)
  expect(hosts.text(kept)).toBe('a0')
  expect(hosts.hold(kept, -1)).toBe(true)
  fill(hosts, 'c', 1000)
  expect([hosts.text(kept), hosts.hold(kept, 1)]).toEqual([undefined, false])
})

test('a table of held addresses accepts no other', () => {
  const hosts = new Hosts(4)
  for (const number of fill(hosts, 'a', 4)) hosts.hold(number, 1)
  expect(hosts.add('b', bytes)).toBe(-1)
  expect(hosts.add('a2', bytes)).toBe(hosts.find('a2'))
})

const of = (network: number): Uint8Array => Uint8Array.of(0xfd, network, ...new Uint8Array(14))

test('a flood from one /64 evicts its own addresses only, once it has its share', () => {
  const hosts = new Hosts(8, 3)
  const others = [1, 2, 3, 4].map(network => hosts.add(`host of ${network}`, of(network)))
  const first = hosts.add('first of 9', of(9))
  for (let i = 0; i < 1000; i++) hosts.add(`flood ${i}`, of(9))
  expect(others.map(number => hosts.text(number))).not.toContain(undefined)
  expect([hosts.text(first), hosts.size]).toEqual([undefined, 7])
})

test('a /64 whose share is held gets no other address, and the others do', () => {
  const hosts = new Hosts(8, 2)
  const held = [0, 1].map(i => hosts.add(`held ${i}`, of(9)))
  for (const number of held) hosts.hold(number, 1)
  expect(hosts.add('one more', of(9))).toBe(-1)
  expect(hosts.text(hosts.add('another', of(1)))).toBe('another')
  hosts.hold(at(held, 0), -1)
  expect(hosts.text(hosts.add('one more', of(9)))).toBe('one more')
  expect(held.map(number => hosts.text(number))).toEqual([undefined, 'held 1'])
})

test('a number always means the same host, or none', () => {
  const commands = fc.array(
    fc.tuple(fc.constantFrom('add', 'hold', 'release'), fc.integer({ min: 0, max: 12 })),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(commands, list => {
      const hosts = new Hosts(5, 3)
      const meant = new Map<number, string>()
      const held = new Map<number, number>()
      for (const [command, i] of list) {
        const name = `host ${i}`
        const known = hosts.find(name)
        if (command === 'add') {
          const number = hosts.add(name, of(i % 3))
          if (number >= 0) expect(meant.get(number) ?? name).toBe(name)
          if (number >= 0) meant.set(number, name)
        } else if (known >= 0 && command === 'hold') {
          hosts.hold(known, 1)
          held.set(known, (held.get(known) ?? 0) + 1)
        } else if (known >= 0) {
          hosts.hold(known, -1)
          held.set(known, Math.max(0, (held.get(known) ?? 0) - 1))
        }
        expect(hosts.size).toBeLessThanOrEqual(5)
        for (const network of [0, 1, 2]) {
          const known = [...Array(13).keys()].filter(i => i % 3 === network && hosts.find(`host ${i}`) >= 0)
          expect(known.length).toBeLessThanOrEqual(3)
        }
        for (const [number, name] of meant) expect([name, undefined]).toContain(hosts.text(number))
        for (const [number, count] of held) if (count > 0) expect(hosts.text(number)).toBe(meant.get(number))
      }
    }),
  )
})
