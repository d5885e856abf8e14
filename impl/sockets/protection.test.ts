import { expect, test } from 'vitest'
import { parseAddress } from '../link/address.ts'
import { localNetworks, protectionOf } from './protection.ts'

const info = (cidr: string) => ({
  ...{ address: cidr.replace(/\/.*/, ''), netmask: '', mac: '', internal: false, cidr },
  ...(cidr.includes(':') ? { family: 'IPv6' as const, scopeid: 0 } : { family: 'IPv4' as const }),
})
const networkOf = localNetworks({
  eth0: [info('10.0.0.1/24'), info('fd00::1/64')],
  wlan0: [info('10.0.0.7/24')],
  wwan0: [info('10.8.0.1/16')],
})

/** `10.0.0.1>10.9.0.1` is a flow. */
const protection = (...flows: string[]) =>
  protectionOf(
    flows.map((flow, port) => {
      const [from = '', to = ''] = flow.split('>')
      return { from: parseAddress(from, port + 1), to: parseAddress(to, 1) }
    }),
    networkOf,
  )

test.each([
  [[], 'none'],
  [['10.0.0.1>10.9.0.1'], 'none'],
  [['10.0.0.1>10.9.0.1', '10.0.0.1>10.9.1.1'], 'same address'],
  [['10.0.0.1>10.9.0.1', '10.0.0.9>10.9.1.1'], 'same network'],
  [['10.0.0.1>10.9.0.1', '10.0.0.7>10.9.1.1'], 'same network'],
  [['[fd00::1]>[fd00::9]', '[fd00::2]>[fd00::9]'], 'same network'],
  [['10.0.0.1>10.9.0.1', '10.8.3.3>10.9.0.1'], 'same peer address'],
  [['10.0.0.1>10.9.0.1', '10.8.3.3>10.9.1.1'], 'independent'],
  [['172.16.0.1>10.9.0.1', '172.16.0.2>10.9.1.1'], 'independent'],
  [['10.0.0.1>10.9.0.1', '10.0.0.7>10.9.0.1', '10.8.3.3>10.9.1.1'], 'independent'],
] as const)('flows %j: %s', (flows, expected) => {
  expect(protection(...flows)).toBe(expected)
})
