/** Networks to test links in. `wrap` adds middleware to each link. */
import { networkInterfaces } from 'node:os'
import { type Address, fromIPv6, fromParts } from '../address.ts'
import { MAX_HOSTS } from '../hosts.ts'
import type { Clock, Link } from '../link.ts'
import { Network, type NetworkOptions } from '../memory.ts'
import { realClock } from '../realClock.ts'
import { UdpLink } from '../udp.ts'
import type { Fixture } from './compliance.ts'

let flooded = 0
/**
 * Adds twice as many strangers as the table of IPv6 hosts holds, because a used address survives its first turn. Each
 * stranger is in a /64 of its own, or all are in one.
 */
export function floodHosts(areOfOne = false): void {
  const bytes = new Uint8Array(16).fill(0xfd)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < 2 * MAX_HOSTS; i++) {
    view.setUint32(areOfOne ? 12 : 4, flooded++)
    fromIPv6(bytes, 1)
  }
}

export type Wrap = (link: Link, clock: Clock) => Link
const bare: Wrap = link => link

const PORT = 54325

/** Whether the machine has ::1. Without it, tests that need it are skipped, and one line says so. */
export const hasIPv6 = Object.values(networkInterfaces()).some(infos =>
  infos?.some(({ address }) => address === '::1'),
)
if (!hasIPv6) console.log('links: this machine has no IPv6, so its tests are skipped')

export function memoryFixture(wrap = bare, options: NetworkOptions = {}): Promise<Fixture> {
  const network = new Network(options)
  let hosts = 0
  const open: Fixture['open'] = addresses => {
    const prefix = `10.${hosts++}.0`
    let made = 0
    const next = (): Address => fromParts(`${prefix}.${++made}`, PORT)
    const inner = network.attach(Array.from({ length: addresses }, next))
    const add = (address: Address) => {
      inner.add(address)
      return Promise.resolve(address)
    }
    return Promise.resolve({
      link: wrap(inner, network),
      add,
      addNew: () => add(next()),
      remove: address => Promise.resolve(inner.remove(address)),
    })
  }
  const until = (done: () => boolean): Promise<void> => {
    while (!done()) {
      const next = network.nextEvent()
      if (next === Number.POSITIVE_INFINITY) throw new Error('all traffic has ended')
      network.advance(next)
    }
    return Promise.resolve()
  }
  return Promise.resolve({ open, until, close: () => Promise.resolve() })
}

export function udpFixture(host: string, wrap = bare): Promise<Fixture> {
  const clock = realClock()
  const links: Link[] = []
  const any = fromParts(host, 0)
  const open: Fixture['open'] = async addresses => {
    const inner = new UdpLink()
    const link = wrap(inner, clock)
    links.push(link)
    for (let i = 0; i < addresses; i++) await inner.add(any)
    const add = (address: Address) => inner.add(address)
    return { link, add, addNew: () => add(any), remove: address => inner.remove(address) }
  }
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise(setImmediate)
  }
  const close = async (): Promise<void> => {
    clock.stop()
    await Promise.all(links.map(link => link.close()))
  }
  return Promise.resolve({ open, until, close })
}
