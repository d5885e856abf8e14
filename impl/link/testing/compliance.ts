/** The behaviour of every link. Each link and each middleware runs this suite. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { type Address, withPort } from '../address.ts'
import type { Datagram, Link } from '../link.ts'

/** A link, and ways to change its addresses. */
export interface Host {
  readonly link: Link
  /** Adds an address of the fixture's choice. */
  addNew(): Promise<Address>
  add(address: Address): Promise<Address>
  remove(address: Address): Promise<void>
}

/** A network without loss, in which all hosts reach each other. */
export interface Fixture {
  /** Opens a link with this many addresses. */
  open(addresses: number): Promise<Host>
  /** Lets traffic flow until `done`. Fails if all traffic ends first. */
  until(done: () => boolean): Promise<void>
  close(): Promise<void>
}

/** A link, and what it has received. */
interface Ear extends Host {
  readonly heard: Datagram[]
  readonly batches: number[]
  readonly seen: (readonly Address[])[]
}

const bytesOf = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const firstBytes = (heard: readonly Datagram[]): number[] => heard.map(({ bytes }) => at(bytes, 0))

class Stage {
  readonly fixture: Fixture
  constructor(fixture: Fixture) {
    this.fixture = fixture
  }

  async host(addresses = 1): Promise<Ear> {
    const host = await this.fixture.open(addresses)
    const ear: Ear = { ...host, heard: [], batches: [], seen: [] }
    host.link.receive(batch => {
      ear.batches.push(batch.length)
      ear.heard.push(...batch)
    })
    host.link.changed(list => ear.seen.push([...list]))
    return ear
  }

  heard(ear: Ear, count: number): Promise<void> {
    return this.fixture.until(() => ear.heard.length >= count)
  }
}

const address = (host: Host, i = 0): Address => at(host.link.addresses(), i)

/** Returns one datagram with these bytes, from the first address of `from` to the first of `to`. */
const one = (from: Host, to: Host, ...values: readonly number[]): Datagram => ({
  from: address(from),
  to: address(to),
  bytes: bytesOf(...values),
})

export function complies(name: string, make: () => Promise<Fixture>): void {
  describe(`${name} complies`, () => {
    let stage: Stage
    beforeEach(async () => {
      stage = new Stage(await make())
    })
    afterEach(() => stage.fixture.close())
    delivers(() => stage)
    refuses(() => stage)
    moves(() => stage)
    closes(() => stage)
  })
}

function delivers(stage: () => Stage): void {
  test('a datagram arrives whole, with both addresses', async () => {
    const [a, b] = [await stage().host(), await stage().host()]
    const sent = one(a, b, 1, 2, 3, 250, 0)
    a.link.send([sent])
    await stage().heard(b, 1)
    const [{ from, to, bytes }] = b.heard as [Datagram]
    expect([from, to, [...bytes]]).toEqual([address(a), address(b), [1, 2, 3, 250, 0]])
    expect(a.heard).toEqual([])
  })

  test('an empty datagram arrives too', async () => {
    const [a, b] = [await stage().host(), await stage().host()]
    a.link.send([one(a, b), one(a, b, 1)])
    await stage().heard(b, 2)
    expect(b.heard.map(({ bytes }) => bytes.length)).toEqual([0, 1])
  })

  test('send returns before anything is delivered', async () => {
    const a = await stage().host()
    a.link.send([one(a, a, 1)])
    expect(a.heard).toEqual([])
    await stage().heard(a, 1)
    expect(firstBytes(a.heard)).toEqual([1])
  })

  test('batches, and datagrams in them, keep their order', async () => {
    const [a, b] = [await stage().host(), await stage().host()]
    const values = Array.from({ length: 100 }, (_, i) => i)
    a.link.send(values.slice(0, 60).map(i => one(a, b, i)))
    a.link.send(values.slice(60).map(i => one(a, b, i)))
    await stage().heard(b, 100)
    expect(firstBytes(b.heard)).toEqual(values)
    expect(b.batches).not.toContain(0)
  })

  test('both directions work, and the listener may answer', async () => {
    const [a, b] = [await stage().host(), await stage().host()]
    b.link.receive(batch =>
      b.link.send(
        batch.map(({ from, to, bytes }) => ({ from: to, to: from, bytes: bytesOf(at(bytes, 0) + 100) })),
      ),
    )
    a.link.send([1, 2, 3].map(i => one(a, b, i)))
    await stage().heard(a, 3)
    expect(firstBytes(a.heard)).toEqual([101, 102, 103])
    expect(a.heard.every(({ from, to }) => from === address(b) && to === address(a))).toBe(true)
  })

  test('one batch serves several addresses on both sides', async () => {
    const [a, b, c] = [await stage().host(2), await stage().host(3), await stage().host()]
    const pairs = [0, 1].flatMap(i => [0, 1, 2].map(j => [address(a, i), address(b, j)] as const))
    const sent = pairs.map(([from, to], i) => ({ from, to, bytes: bytesOf(i) }))
    a.link.send([...sent, one(a, c, 77)])
    await stage().heard(b, sent.length)
    await stage().heard(c, 1)
    const key = (d: Datagram) => [d.from, d.to, d.bytes[0]].join()
    expect(b.heard.map(key).sort()).toEqual(sent.map(key).sort())
    expect(firstBytes(c.heard)).toEqual([77])
  })

  test('after send, the array of a batch belongs to the sender again', async () => {
    const [a, b] = [await stage().host(), await stage().host()]
    const batch = [one(a, b, 1), one(a, b, 2)]
    a.link.send(batch)
    batch.length = 0
    await stage().heard(b, 2)
    expect(firstBytes(b.heard)).toEqual([1, 2])
  })
}

function refuses(stage: () => Stage): void {
  test('an empty batch does nothing', async () => {
    const [a, b] = [await stage().host(), await stage().host()]
    a.link.send([])
    a.link.send([one(a, b, 1)])
    await stage().heard(b, 1)
    expect(b.batches).toEqual([1])
  })

  test('a datagram of MTU bytes fits, and one byte more is dropped', async () => {
    const [a, b] = [await stage().host(), await stage().host()]
    const { mtu } = a.link
    const of = (length: number) => ({ ...one(a, b), bytes: new Uint8Array(length).fill(7) })
    a.link.send([of(mtu + 1), of(mtu), of(1)])
    await stage().heard(b, 2)
    expect(b.heard.map(({ bytes }) => bytes.length)).toEqual([mtu, 1])
  })

  test('an unreachable datagram is dropped, and the rest of its batch is sent', async () => {
    const [a, b] = [await stage().host(), await stage().host()]
    const gone = await b.addNew()
    await b.remove(gone)
    const to = (unknown: Address) => ({ ...one(a, b, 9), to: unknown })
    a.link.send([to(gone), to(0), to(withPort(address(b), 0)), one(a, b, 1)])
    await stage().heard(b, 1)
    expect(firstBytes(b.heard)).toEqual([1])
  })

  test('nothing leaves from an address that is not local', async () => {
    const [a, b] = [await stage().host(2), await stage().host()]
    const gone = address(a, 1)
    const from = (unknown: Address) => ({ ...one(a, b, 9), from: unknown })
    a.link.send([from(address(b)), from(0), from(gone)])
    await stage().heard(b, 1)
    await a.remove(gone)
    a.link.send([from(gone), one(a, b, 1)])
    await stage().heard(b, 2)
    expect(firstBytes(b.heard)).toEqual([9, 1])
  })
}

function moves(stage: () => Stage): void {
  test('addresses come and go, and the listener hears of it', async () => {
    const a = await stage().host()
    const first = address(a)
    const second = await a.addNew()
    expect(a.link.addresses()).toEqual([first, second])
    await a.remove(first)
    expect(a.link.addresses()).toEqual([second])
    await a.remove(first)
    await a.add(first)
    expect(a.link.addresses()).toEqual([second, first])
    expect(a.seen).toEqual([[first, second], [second], [second, first]])
  })

  test('an address leaves and returns under traffic', async () => {
    const [a, b] = [await stage().host(), await stage().host(2)]
    const [stays, leaves] = b.link.addresses() as [Address, Address]
    const both = (i: number) => [stays, leaves].map(to => ({ ...one(a, b, i), to }))
    const arrived = (to: Address) => b.heard.filter(d => d.to === to).map(({ bytes }) => bytes[0])
    a.link.send(both(1))
    await stage().heard(b, 2)
    await b.remove(leaves)
    a.link.send(both(2))
    await stage().heard(b, 3)
    await b.add(leaves)
    a.link.send(both(3))
    await stage().heard(b, 5)
    expect(arrived(stays)).toEqual([1, 2, 3])
    expect(arrived(leaves)).toEqual([1, 3])
  })

  test('another host can take a removed address', async () => {
    const [a, b, c] = [await stage().host(), await stage().host(), await stage().host()]
    const moving = address(b)
    await b.remove(moving)
    await c.add(moving)
    a.link.send([{ from: address(a), to: moving, bytes: bytesOf(5) }])
    await stage().heard(c, 1)
    expect([firstBytes(c.heard), b.heard]).toEqual([[5], []])
  })
}

function closes(stage: () => Stage): void {
  test('after close nothing is sent, delivered or held', async () => {
    const [a, b, c] = [await stage().host(), await stage().host(), await stage().host()]
    const [late, toClosed] = [one(a, c, 8), one(c, a, 9)]
    const taken = address(a)
    c.link.send([one(c, a, 7)])
    await a.link.close()
    a.link.send([late])
    c.link.send([toClosed, one(c, b, 1)])
    await stage().heard(b, 1)
    expect([a.heard, c.heard, a.link.addresses()]).toEqual([[], [], []])
    await b.add(taken)
    c.link.send([{ from: address(c), to: taken, bytes: bytesOf(2) }])
    await stage().heard(b, 2)
    expect(firstBytes(b.heard)).toEqual([1, 2])
  })

  test('closing twice has no further effect', async () => {
    const a = await stage().host()
    await a.link.close()
    await expect(a.link.close()).resolves.toBeUndefined()
  })
}
