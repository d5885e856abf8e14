/** Addresses that leave with their interface, while strangers fill the table of IPv6 hosts. */

import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { printAddress } from './address.ts'
import { floodHosts, hasIPv6 } from './testing/fixtures.ts'
import { openUdp } from './udp.ts'

const LOOPBACK: NetworkInterfaceInfo = {
  ...{ address: '::1', netmask: '', mac: '', internal: false, cidr: null },
  ...{ family: 'IPv6', scopeid: 0 },
}

test.runIf(hasIPv6)(
  'a link reuses an address that returns after a flood, and releases it on close',
  async () => {
    let list = [LOOPBACK]
    const watch = { intervalMs: 3_600_000, port: 0, read: () => ({ eth0: list }) }
    const link = await openUdp({ addresses: [], watch })
    const before = link.addresses()
    expect(printAddress(at(before, 0))).toMatch(/^\[::1\]/)
    list = []
    await link.look()
    expect(link.addresses()).toEqual([])
    floodHosts()
    list = [LOOPBACK]
    await link.look()
    expect(link.addresses()).toEqual(before)
    list = []
    await link.look()
    await link.close()
    floodHosts()
    expect(printAddress(at(before, 0))).toMatch('forgotten')
  },
)
