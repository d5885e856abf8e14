import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { type Address, ipOf, parseAddress, withPort } from './address.ts'
import type { Datagram } from './link.ts'
import { Network } from './memory.ts'
import { Nat, type NatOptions } from './nat.ts'

const [INSIDE, OUTSIDE] = [parseAddress('192.168.1.2:7'), parseAddress('203.0.113.1')]
const [SERVER, OTHER] = [parseAddress('198.51.100.1:80'), parseAddress('198.51.100.2:80')]

/** One host behind a translator, and two servers. All that arrives is kept. */
function scene(options: NatOptions = {}) {
  const network = new Network()
  const nat = new Nat(network.attach([]), new Map([[INSIDE, OUTSIDE]]), options, network)
  const servers = network.attach([SERVER, OTHER, withPort(SERVER, 81)])
  const seen: Datagram[] = []
  const back: Datagram[] = []
  servers.receive(batch => seen.push(...batch))
  nat.receive(batch => back.push(...batch))
  const wait = (ms = 5) => network.advance(network.now + ms)
  return {
    ...{ nat, seen, back, wait },
    /** Sends one datagram from inside, and returns the source that its destination sees. */
    ask(to: Address): Address | undefined {
      const before = seen.length
      nat.send([{ from: INSIDE, to, bytes: Uint8Array.of(1) }])
      wait()
      return seen[before]?.from
    },
    /** Sends one datagram from outside. Returns whether it arrives. */
    answer(from: Address, to: Address): boolean {
      const before = back.length
      servers.send([{ from, to, bytes: Uint8Array.of(2) }])
      wait()
      return back.length > before
    },
  }
}

test('translates both ways, and keeps the bytes', () => {
  const { ask, answer, seen, back } = scene()
  const port = must(ask(SERVER))
  expect(ipOf(port)).toBe(ipOf(OUTSIDE))
  expect(answer(SERVER, port)).toBe(true)
  expect([...seen, ...back].map(({ from, to, bytes }) => [from, to, bytes[0]])).toEqual([
    [port, SERVER, 1],
    [SERVER, INSIDE, 2],
  ])
})

describe('a mapping', () => {
  test.each([
    ['none', true, true],
    ['address', true, false],
    ['address and port', false, false],
  ] as const)('by %s: same port of one host %s, of two %s', (mapping, sameHost, twoHosts) => {
    const { ask } = scene({ mapping })
    const first = ask(SERVER)
    expect(ask(withPort(SERVER, 81)) === first).toBe(sameHost)
    expect(ask(OTHER) === first).toBe(twoHosts)
    expect(ask(SERVER)).toBe(first)
  })

  test('that is forgotten lets nothing in, and the next one has another port', () => {
    const { ask, answer, nat } = scene()
    const port = must(ask(SERVER))
    nat.rebind()
    expect(answer(SERVER, port)).toBe(false)
    const other = must(ask(SERVER))
    expect(other).not.toBe(port)
    expect([answer(SERVER, port), answer(SERVER, other)]).toEqual([false, true])
  })

  test('lives as long as something leaves', () => {
    const { ask, answer, wait } = scene({ lifetimeMs: 100 })
    const port = must(ask(SERVER))
    wait(80)
    expect([answer(SERVER, port), ask(SERVER)]).toEqual([true, port])
    wait(80)
    expect(answer(SERVER, port)).toBe(true)
    wait(80)
    expect(answer(SERVER, port)).toBe(false)
    expect(ask(SERVER)).not.toBe(port)
  })

  test('is refused when there are too many, until one has expired', () => {
    const { ask, nat, wait } = scene({ mapping: 'address', most: 1, lifetimeMs: 100 })
    expect(ask(SERVER)).toBeDefined()
    expect(ask(OTHER)).toBeUndefined()
    expect(nat.blocked).toBe(1)
    wait(100)
    expect(ask(OTHER)).toBeDefined()
  })
})

test.each([
  ['none', true, true],
  ['address', true, false],
  ['address and port', false, false],
] as const)('filters by %s: another port of the host %s, another host %s', (filtering, sameHost, other) => {
  const { ask, answer } = scene({ filtering })
  const port = must(ask(SERVER))
  expect([answer(withPort(SERVER, 81), port), answer(OTHER, port)]).toEqual([sameHost, other])
})

test('drops what is not from inside, and everything after close', async () => {
  const { nat, ask, seen } = scene()
  nat.send([{ from: OUTSIDE, to: SERVER, bytes: Uint8Array.of(1) }])
  expect(nat.addresses()).toEqual([INSIDE])
  await nat.close()
  expect([ask(SERVER), nat.addresses(), seen.length]).toEqual([undefined, [], 0])
})
