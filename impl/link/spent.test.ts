import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { parseAddress } from './address.ts'
import type { Datagram } from './link.ts'
import { openUdp } from './udp.ts'

/** Sends a datagram for each of `marks` to itself, and returns what it hears, as its listener has left it. */
async function heard(
  marks: readonly number[],
  listen: (datagram: Datagram) => void,
): Promise<readonly Datagram[]> {
  const link = await openUdp({ addresses: [parseAddress('127.0.0.1:0')] })
  const [self] = link.addresses() as [number]
  const all: Datagram[] = []
  link.receive(batch => {
    all.push(...batch)
    batch.forEach(listen)
  })
  link.send(marks.map(mark => ({ from: self, to: self, bytes: Uint8Array.of(mark) })))
  while (all.length < marks.length) await new Promise(setImmediate)
  await link.close()
  return all
}

test('memory of a datagram is given back once its listener says that it is spent, and not before', async () => {
  const all = await heard([1, 2, 3], datagram => {
    if (datagram.bytes[0] !== 2) datagram.isSpent = true
  })
  expect(all.map(({ bytes }) => bytes.length)).toEqual([0, 1, 0])
  expect(at(all, 1).bytes[0]).toBe(2)
})

test('who has nothing to say of it keeps it', async () => {
  const all = await heard([7], () => {})
  expect([...at(all, 0).bytes]).toEqual([7])
})

test('the object of one that is spent is used again, and no other', async () => {
  const link = await openUdp({ addresses: [parseAddress('127.0.0.1:0')] })
  const [self] = link.addresses() as [number]
  const all: Datagram[] = []
  link.receive(batch => {
    all.push(...batch)
    for (const datagram of batch) if (datagram.bytes[0] === 2) datagram.isSpent = true
  })
  for (const mark of [1, 2, 3, 4]) {
    link.send([{ from: self, to: self, bytes: Uint8Array.of(mark) }])
    while (all.length < mark) await new Promise(setImmediate)
  }
  await link.close()
  const [kept, spent, next, last] = all as [Datagram, Datagram, Datagram, Datagram]
  expect(next).toBe(spent)
  expect([kept, next, last].map(({ bytes, isSpent }) => [bytes[0], isSpent])).toEqual([
    [1, false],
    [3, false],
    [4, false],
  ])
})
