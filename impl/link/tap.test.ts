import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { fromIPv4 } from './address.ts'
import { Network } from './memory.ts'
import { tapped } from './tap.ts'
import { complies } from './testing/compliance.ts'
import { memoryFixture, udpFixture } from './testing/fixtures.ts'

complies('the memory link with taps', () => memoryFixture(link => tapped(link)))
complies('the UDP link with taps', () => udpFixture('127.0.0.1', link => tapped(link)))

test('taps see both directions, before anybody can change the bytes, until they are removed', () => {
  const network = new Network({ latencyMs: () => 1 })
  const [A, B] = [fromIPv4(1, 9), fromIPv4(2, 9)]
  const link = tapped(network.attach([A]))
  const other = network.attach([B])
  link.receive(batch => {
    for (const { bytes } of batch) bytes.fill(0)
  })
  other.receive(batch => other.send(batch.map(({ bytes }) => ({ from: B, to: A, bytes }))))
  const seen: unknown[] = []
  const see = (mark: string) => (batch: readonly { bytes: Uint8Array }[], direction: string) =>
    seen.push([mark, direction, at(batch, 0).bytes[0]])
  const [one, two] = [see('one'), see('two')]
  const pass = (byte: number) => {
    link.send([{ from: A, to: B, bytes: Uint8Array.of(byte) }])
    network.advance(network.now + 10)
  }
  pass(1)
  link.taps.add(one)
  pass(2)
  link.taps.add(two)
  link.taps.delete(one)
  pass(3)
  expect(seen).toEqual([
    ['one', 'out', 2],
    ['one', 'in', 2],
    ['two', 'out', 3],
    ['two', 'in', 3],
  ])
})
