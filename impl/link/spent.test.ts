import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { parseAddress } from './address.ts'
import type { Datagram } from './link.ts'
import { openUdp } from './udp.ts'

/** Sends one datagram per mark to itself, and returns the datagrams as the listener left them. */
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

test("a datagram's memory is freed once its listener marks it as spent, and not before", async () => {
  const all = await heard([1, 2, 3], datagram => {
    if (datagram.bytes[0] !== 2) datagram.isSpent = true
  })
  expect(all.map(({ bytes }) => bytes.length)).toEqual([0, 1, 0])
  expect(at(all, 1).bytes[0]).toBe(2)
})

test('a listener that does not mark a datagram keeps it', async () => {
  const all = await heard([7], () => {})
  expect([...at(all, 0).bytes]).toEqual([7])
})

test('only the object of a spent datagram is reused', async () => {
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
