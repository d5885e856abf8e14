/** The claims that a host may make for an instance, with and without a key. */
import { describe, expect, test } from 'vitest'
import { certifiedName, newServiceKey, publicKeyOf, readServiceKey } from '../host/services/certificate.ts'
import { parseAddress } from '../link/address.ts'
import { ServiceKeys } from '../sockets/serviceKeys.ts'
import { Authority } from './authority/authority.ts'
import { certified } from './certified.ts'
import { judge } from './claims.ts'
import { Credentials } from './credentials.ts'
import type { Register } from './messages.ts'

const NOW = 1_700_000_000_000
const key = readServiceKey(newServiceKey())
const keys = new ServiceKeys([key])
const keyed = certifiedName('acme/web', publicKeyOf(key))

const plain: Register = {
  ...{ type: 'register', service: 'acme/web', instance: 'instance-1', address: '192.0.2.1:54325' },
  ...{ version: 1, priority: 100, weight: 1, leaseMs: 30_000 },
}

/** The state of the record, or the code of the refusal. */
function becomes(change: Partial<Register>, from: string): string {
  const claim = certified({ ...plain, ...change }, keys, new Credentials(), NOW, 60_000)
  try {
    return judge(claim, { address: parseAddress(from), isOwn: false }, NOW, new Authority()).record.state
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('without a key', () => {
  test.for([
    ['at its own address', {}, '192.0.2.1:9', 'bound'],
    ['at the address of another', {}, '192.0.2.2:9', 'CONTROLLER_ADDRESS'],
    ['with less than the usual share', { priority: 5, weight: 0 }, '192.0.2.1:9', 'bound'],
    ['with a higher priority than others', { priority: 101 }, '192.0.2.1:9', 'CONTROLLER_PRIORITY'],
    ['with nearly all of the weight', { weight: 1025 }, '192.0.2.1:9', 'CONTROLLER_PRIORITY'],
    ['on loopback, from loopback', { address: '127.0.0.2:1' }, '127.0.0.2:9', 'bound'],
    ['on loopback, from elsewhere', { address: '127.0.0.2:1' }, '192.0.2.1:9', 'CONTROLLER_ADDRESS'],
  ] as const)('%s', ([, change, from, expected]) => {
    expect(becomes(change, from)).toBe(expected)
  })
})

describe('with a key', () => {
  test.for([
    ['at its own address', '192.0.2.1:54325', '192.0.2.1:9', 'bound'],
    ['elsewhere', '192.0.2.7:54325', '192.0.2.1:9', 'bound'],
    ['on loopback, from loopback', '127.0.0.2:1', '127.0.0.9:9', 'bound'],
    ['on loopback, from elsewhere', '127.0.0.2:1', '192.0.2.1:9', 'CONTROLLER_ADDRESS'],
    ['on loopback of IPv6, from elsewhere', '[::1]:1', '[2001:db8::1]:9', 'CONTROLLER_ADDRESS'],
    ['at no port', '192.0.2.1:0', '192.0.2.1:9', 'CONTROLLER_ADDRESS'],
    ['at no address', '0.0.0.0:1', '192.0.2.1:9', 'CONTROLLER_ADDRESS'],
    ['at no address of IPv6', '[::]:1', '192.0.2.1:9', 'CONTROLLER_ADDRESS'],
    ['at a multicast address', '224.0.0.1:1', '192.0.2.1:9', 'CONTROLLER_ADDRESS'],
    ['at a multicast address in disguise', '[::ffff:239.1.2.3]:1', '192.0.2.1:9', 'CONTROLLER_ADDRESS'],
    ['at a multicast address of IPv6', '[ff02::1]:1', '192.0.2.1:9', 'CONTROLLER_ADDRESS'],
    ['at the broadcast address', '255.255.255.255:1', '192.0.2.1:9', 'CONTROLLER_ADDRESS'],
  ] as const)('%s', ([, address, from, expected]) => {
    expect(becomes({ service: keyed, address }, from)).toBe(expected)
  })

  test('any priority and weight', () => {
    expect(becomes({ service: keyed, priority: 9999, weight: 2 ** 32 - 1 }, '192.0.2.1:9')).toBe('bound')
  })
})
