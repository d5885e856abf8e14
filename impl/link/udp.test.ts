import { execFile } from 'node:child_process'
import type { NetworkInterfaceInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { type Address, fromParts, parseAddress, portOf, printAddress } from './address.ts'
import type { WatchOptions } from './interfaces.ts'
import type { Datagram } from './link.ts'
import { complies } from './testing/compliance.ts'
import { floodHosts, hasIPv6, udpFixture } from './testing/fixtures.ts'
import { openUdp, type UdpLink, type UdpOptions } from './udp.ts'
import { bindError, MAX_QUEUED } from './udpSocket.ts'

complies('the UDP link on 127.0.0.1', () => udpFixture('127.0.0.1'))
if (hasIPv6) complies('the UDP link on ::1', () => udpFixture('::1'))

const links: UdpLink[] = []
afterEach(async () => {
  await Promise.all(links.splice(0).map(link => link.close()))
})

const HERE = parseAddress('127.0.0.1:0')
const HERE6 = parseAddress('[::1]:0')
/** TEST-NET-1, which belongs to no machine (RFC 5737). */
const ELSEWHERE = parseAddress('192.0.2.1:0')
const BROADCAST = parseAddress('255.255.255.255:9')

async function open(addresses: readonly Address[], options: Partial<UdpOptions> = {}): Promise<UdpLink> {
  const link = await openUdp({ addresses, ...options })
  links.push(link)
  return link
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise(setImmediate)
}

describe('opening', () => {
  test('for port 0 the system chooses a port', async () => {
    const link = await open([HERE, HERE])
    const ports = link.addresses().map(portOf)
    expect(ports.every(port => port > 0)).toBe(true)
    expect(new Set(ports).size).toBe(2)
  })

  test('a port in use is LINK_IN_USE, and the message names it', async () => {
    const [taken] = (await open([HERE])).addresses()
    await expect(open([HERE, must(taken)])).rejects.toThrow(`LINK_IN_USE: ${printAddress(must(taken))}`)
  })

  test('an address of another machine is LINK_NO_ADDRESS, and closes the sockets opened before it', async () => {
    const [free] = (await open([HERE])).addresses()
    await must(links.pop()).close()
    await expect(open([must(free), ELSEWHERE])).rejects.toThrow('LINK_NO_ADDRESS: 192.0.2.1:0')
    expect((await open([must(free)])).addresses()).toEqual([free])
  })

  test.for(['0.0.0.0:9', '[::]:9', 'fe80::1'])('%s is not one specific address', async text => {
    await expect(open([parseAddress(text)])).rejects.toThrow('LINK_NO_ADDRESS')
  })

  test("a refusal by the system is LINK_REFUSED, with the system's code", () => {
    const error = bindError(HERE, Object.assign(new Error('bind'), { code: 'EMFILE' }))
    expect([error.code, error.message]).toEqual(['LINK_REFUSED', expect.stringContaining('(EMFILE)')])
  })

  test.for([0, -1, 0.5, 2 ** 31, Number.NaN])('a buffer of %d bytes is LINK_OPTION', async size => {
    await expect(open([HERE], { receiveBufferBytes: size })).rejects.toThrow('LINK_OPTION')
    await expect(open([HERE], { sendBufferBytes: size })).rejects.toThrow('LINK_OPTION')
  })

  test.for([0, -1, 65508, Number.NaN])('an MTU of %d is LINK_OPTION', async mtu => {
    await expect(open([HERE], { mtu })).rejects.toThrow('LINK_OPTION')
  })

  test('an address added after close is freed again', async () => {
    const link = await open([])
    const coming = link.add(HERE)
    await link.close()
    await expect(coming).rejects.toThrow('LINK_CLOSED')
    expect(link.addresses()).toEqual([])
  })
})

describe('sending', () => {
  test("the system's errors are counted by code, and never thrown", async () => {
    const link = await open([HERE])
    // Broadcasting needs a permission that this socket did not request.
    const sent = async (...to: Address[]) => {
      link.send(to.map(to => ({ from: at(link.addresses(), 0), to, bytes: new Uint8Array(10) })))
      await new Promise(setImmediate)
      return link.counters.errors
    }
    const other = parseAddress('127.255.255.255:9')
    expect(await sent(BROADCAST, other)).toEqual({ EACCES: 2 })
    // After an error Node reports on every datagram, otherwise only on the first to each destination.
    expect(await sent(other, other, other)).toEqual({ EACCES: 5 })
    expect(await sent(at(link.addresses(), 0))).toEqual({ EACCES: 5 })
    expect(await sent(other, other, BROADCAST)).toEqual({ EACCES: 7 })
    expect(link.counters.sent).toBe(9)
  })

  test('a port without a listener is not an error', async () => {
    const [link, heard] = [await open([HERE]), [] as Datagram[]]
    const gone = await link.add(HERE)
    await link.remove(gone)
    const [self] = link.addresses() as [Address]
    link.receive(batch => heard.push(...batch))
    link.send([gone, self].map(to => ({ from: self, to, bytes: Uint8Array.of(1) })))
    await until(() => heard.length === 1)
    expect(link.counters).toMatchObject({ sent: 2, received: 1, errors: {} })
  })

  test('only a datagram to this machine may be as long as `localMtu`', async () => {
    const [link, heard] = [await open([HERE], { mtu: 2, localMtu: 4 }), [] as Datagram[]]
    const [from] = link.addresses() as [Address]
    link.receive(batch => heard.push(...batch))
    const send = (to: Address, length: number) => link.send([{ from, to, bytes: new Uint8Array(length) }])
    send(fromParts('192.0.2.1', 9), 3)
    send(from, 5)
    expect(link.counters).toMatchObject({ sent: 0, tooLong: 2 })
    send(from, 4)
    await until(() => heard.length === 1)
    expect(at(heard, 0).bytes.length).toBe(4)
  })

  test('datagrams that are not sent are counted by reason', async () => {
    const link = await open([HERE], { mtu: 2 })
    const [self] = link.addresses() as [Address]
    const to = (address: Address, length = 1) => ({ from: self, to: address, bytes: new Uint8Array(length) })
    link.send([to(self, 3), { ...to(self), from: HERE6 }, to(HERE), to(0), to(fromParts('::1', 9)), to(self)])
    await until(() => link.counters.unheard === 1)
    await link.close()
    link.send([to(self)])
    expect(link.counters).toMatchObject({ sent: 1, sentBytes: 1, receivedBytes: 1, tooLong: 1, notLocal: 1 })
    expect(link.counters).toMatchObject({ noWay: 3, closed: 1, unheard: 1 })
  })
})

test.runIf(hasIPv6)('the address table keeps the address of an open socket', async () => {
  const link = await open([HERE6])
  const [mine] = link.addresses() as [Address]
  floodHosts()
  expect(printAddress(mine)).toMatch(/^\[::1\]/)
  await link.remove(mine)
  floodHosts()
  expect(printAddress(mine)).toMatch(/^\[forgotten\]/)
})

test('the datagrams of one turn of the event loop form one batch', async () => {
  const link = await open([HERE, HERE])
  const [one, other] = link.addresses() as [Address, Address]
  const sizes: number[] = []
  link.receive(batch => sizes.push(batch.length))
  const to = (address: Address) =>
    Array.from({ length: 20 }, () => ({ from: one, to: address, bytes: new Uint8Array(9) }))
  link.send([...to(one), ...to(other)])
  await until(() => link.counters.received === 40 && sizes.length > 0)
  await new Promise(setImmediate)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(40)
  expect(sizes.length).toBeLessThan(4)
})

test('a link that is closed in the turn of an arrival delivers nothing', async () => {
  const [one, other] = [await open([HERE]), await open([HERE])]
  const log: string[] = []
  one.receive(() => {
    log.push('one')
    void other.close()
  })
  other.receive(() => {
    log.push('other')
    void one.close()
  })
  const to = [one, other].map(link => at(link.addresses(), 0))
  one.send(to.map(to => ({ from: at(one.addresses(), 0), to, bytes: new Uint8Array(1) })))
  await until(() => log.length > 0)
  await new Promise(setImmediate)
  expect(log).toHaveLength(1)
})

test('the send queue is limited, and drops what exceeds it', async () => {
  // In a process of its own, whose Node queues even datagrams that could leave immediately.
  const script = fileURLToPath(new URL('./testing/queue.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--test-udp-no-try-send', script])
  const { sent, queueFull, received, isDone, isDoneLater } = JSON.parse(stdout)
  expect([sent, queueFull, received]).toEqual([MAX_QUEUED, 500, MAX_QUEUED])
  // While anything waits, its memory does not belong to the sender.
  expect([isDone, isDoneLater]).toEqual([false, true])
})

describe('following the machine', () => {
  /** Every 127.x.y.z can be bound; this list says which ones the machine has. */
  const info = (address: string, internal = false): NetworkInterfaceInfo => ({
    address,
    internal,
    family: 'IPv4',
    netmask: '255.0.0.0',
    mac: '00:00:00:00:00:00',
    cidr: null,
  })

  /** A list that the test changes, with an explicit poll for each change: the interval is longer than the test. */
  async function watched(
    first: readonly string[],
    options: Partial<WatchOptions> = {},
    addresses: readonly Address[] = [],
  ) {
    let list = first
    const read = () => ({ eth0: list.map(address => info(address)), lo: [info('127.0.0.1', true)] })
    const watch = { intervalMs: 3_600_000, port: 0, read, ...options }
    const link = await open(addresses, { watch })
    const hosts = () => link.addresses().map(address => printAddress(address).replace(/:\d+$/, ''))
    const change = async (next: readonly string[]) => {
      list = next
      await link.look()
      return hosts()
    }
    return { link, hosts, change }
  }

  test('follows addresses that come and go, and ignores internal ones', async () => {
    const { link, hosts, change } = await watched(['127.1.0.1'])
    const seen: number[] = []
    link.changed(list => seen.push(list.length))
    expect(hosts()).toEqual(['127.1.0.1'])
    expect(await change(['127.1.0.1', '127.1.0.2'])).toEqual(['127.1.0.1', '127.1.0.2'])
    expect(await change(['127.1.0.2'])).toEqual(['127.1.0.2'])
    expect(await change([])).toEqual([])
    expect(seen).toEqual([2, 1, 0])
  })

  test('an address that returns gets its port back', async () => {
    const { link, change } = await watched(['127.1.0.1'])
    const before = link.addresses()
    await change([])
    await change(['127.1.0.1'])
    expect(link.addresses()).toEqual(before)
  })

  test('a requested address leaves with its interface, and returns with it', async () => {
    const asked = parseAddress('127.1.0.9:0')
    const { link, change } = await watched(['127.1.0.9'], { accepts: () => false }, [asked])
    const before = link.addresses()
    expect(before).toHaveLength(1)
    expect(await change([])).toEqual([])
    await change(['127.1.0.9'])
    expect(link.addresses()).toEqual(before)
  })

  test('a requested address that was never in the list stays', async () => {
    const asked = parseAddress('127.1.0.9:0')
    const { hosts, change } = await watched(['127.1.0.1'], {}, [asked])
    expect(hosts()).toEqual(['127.1.0.9', '127.1.0.1'])
    expect(await change([])).toEqual(['127.1.0.9'])
  })

  test('a requested address is retried too, with its port', async () => {
    const { link, change } = await watched(['127.1.0.9'], { accepts: () => false }, [
      parseAddress('127.1.0.9:0'),
    ])
    const before = link.addresses()
    await change([])
    const blocker = await open(before)
    expect(await change(['127.1.0.9'])).toEqual([])
    await blocker.close()
    await change(['127.1.0.9'])
    expect(link.addresses()).toEqual(before)
  })

  test('an address that cannot be opened yet is tried again at the next poll', async () => {
    const blocker = await open([parseAddress('127.1.0.1:0')])
    const port = portOf(at(blocker.addresses(), 0))
    const { hosts, change } = await watched(['127.1.0.1', '127.1.0.2'], { port })
    expect(hosts()).toEqual(['127.1.0.2'])
    await blocker.close()
    expect(await change(['127.1.0.1', '127.1.0.2'])).toEqual(['127.1.0.2', '127.1.0.1'])
  })

  test('polls by itself, until close', async () => {
    let looks = 0
    const read = () => {
      looks++
      return {}
    }
    const link = await open([], { watch: { intervalMs: 10, port: 0, read } })
    await until(() => looks > 2)
    await link.close()
    const after = looks
    // As long as another timer takes for as many turns.
    let others = 0
    const counting = () => {
      others++
      return {}
    }
    await open([], { watch: { intervalMs: 10, port: 0, read: counting } })
    await until(() => others > 3)
    expect(looks).toBe(after)
  })

  test("reads the machine's own list", async () => {
    const link = await open([], {
      watch: { intervalMs: 10_000, port: 0, accepts: ({ internal }) => internal },
    })
    expect(link.addresses().map(printAddress).join()).toContain('127.0.0.1:')
  })

  test('a polling interval that is too short is LINK_OPTION', async () => {
    await expect(open([], { watch: { intervalMs: 0, port: 0 } })).rejects.toThrow('LINK_OPTION')
  })
})
