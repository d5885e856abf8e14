import { describe, expect, test } from 'vitest'
import { faults } from './faults.ts'
import { Network } from './memory.ts'
import { complies } from './testing/compliance.ts'
import { A, B, never, numbered, scene } from './testing/faultyScene.ts'
import { memoryFixture, udpFixture } from './testing/fixtures.ts'
import { seeded } from './testing/seeded.ts'

complies('the memory link with faults off', () =>
  memoryFixture((link, clock) => faults(link, {}, never, clock)),
)
complies('the memory link with a delay', () =>
  memoryFixture((link, clock) =>
    faults(link, { send: { delayMs: 3 }, receive: { delayMs: 4 } }, never, clock),
  ),
)
complies('the UDP link with faults off', () =>
  udpFixture('127.0.0.1', (link, clock) => faults(link, {}, never, clock)),
)
complies('the UDP link with a delay in real time', () =>
  udpFixture('127.0.0.1', (link, clock) => faults(link, { send: { delayMs: 2 } }, never, clock)),
)

describe('cutting', () => {
  test('stops both directions of one pair, and no other, until healed', () => {
    const network = new Network()
    const faulty = faults(network.attach([A, A + 1]), {}, never, network)
    const other = network.attach([B])
    const log: string[] = []
    faulty.receive(batch => log.push(...batch.map(({ to }) => `in ${to - A}`)))
    other.receive(batch => log.push(...batch.map(({ from }) => `out ${from - A}`)))
    const exchange = (): string[] => {
      log.length = 0
      const bytes = new Uint8Array(1)
      faulty.send([A, A + 1].map(from => ({ from, to: B, bytes })))
      other.send([A, A + 1].map(to => ({ from: B, to, bytes })))
      network.advance(network.now + 5)
      return [...log].sort()
    }
    faulty.cut(B, A)
    faulty.cut(A, B)
    expect(exchange()).toEqual(['in 1', 'out 1'])
    expect([faulty.sending.cut, faulty.receiving.cut]).toEqual([1, 1])
    faulty.heal(A, B)
    expect(exchange()).toEqual(['in 0', 'in 1', 'out 0', 'out 1'])
  })
})

test('each direction has its own faults', () => {
  const network = new Network()
  const faulty = faults(
    network.attach([A]),
    { send: { loss: 1 }, receive: { duplication: 1 } },
    seeded(1),
    network,
  )
  const other = network.attach([B])
  const heard: number[] = []
  faulty.receive(batch => heard.push(batch.length))
  other.receive(() => heard.push(-1))
  faulty.send([numbered(1)])
  other.send([{ from: B, to: A, bytes: new Uint8Array(1) }])
  network.advance(5)
  expect(heard).toEqual([2])
})

test('datagrams held at the time of closing are not delivered', async () => {
  const network = new Network()
  const faulty = faults(network.attach([A]), { receive: { delayMs: 10 } }, never, network)
  const heard: number[] = []
  faulty.receive(batch => heard.push(batch.length))
  network.attach([B]).send([{ from: B, to: A, bytes: new Uint8Array(1) }])
  network.advance(5)
  await faulty.close()
  network.advance(100)
  expect([heard, faulty.receiving.passed]).toEqual([[], 1])
})

test.for([
  ...(['loss', 'duplication', 'corruption', 'reordering'] as const).flatMap(name => [
    { [name]: 1.1 },
    { [name]: -0.1 },
  ]),
  ...(['delayMs', 'jitterMs', 'reorderMs'] as const).flatMap(name => [
    { [name]: -1 },
    { [name]: Number.NaN },
  ]),
  ...[
    { bytesPerSecond: 0 },
    { bytesPerSecond: Number.NaN },
    { queueBytes: -1 },
    { delayMs: Number.POSITIVE_INFINITY },
  ],
  { reordering: 0.5 },
])('%o is LINK_OPTION', options => {
  expect(() => scene({ send: options }, never)).toThrow('LINK_OPTION')
  expect(() => scene({ receive: options }, never)).toThrow('LINK_OPTION')
})
