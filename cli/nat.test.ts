/** Processes behind a router that masquerades their addresses, in network namespaces. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { Namespaces, namespacesForTests } from './testing/namespaces.ts'
import { sandbox } from './testing/startServal.ts'

const SERVICE = 'acme/echo'
/** Two networks of a client, behind one router. */
const [WIFI, CABLE] = ['192.168.1.2', '192.168.2.2']
const SERVER = '10.71.1.2'

/** A client, a router that translates, and a server. `masquerade` is what nft does with packets to the server. */
function homeNetwork(masquerade = 'masquerade'): Namespaces {
  const net = new Namespaces()
  for (const name of ['client', 'router', 'server']) net.add(name)
  net.wire('client', WIFI, 'router', '192.168.1.1')
  net.wire('client', CABLE, 'router', '192.168.2.1')
  net.wire('router', '10.71.1.1', 'server', SERVER)
  net.ip('client', 'route add default via 192.168.1.1')
  net.ip('client', `rule add from ${CABLE} table 102`)
  net.ip('client', 'route add default via 192.168.2.1 table 102')
  net.run('router', 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0')
  net.run('router', 'nft', 'add table ip home')
  net.run('router', 'nft', 'add chain ip home out { type nat hook postrouting priority 100; }')
  net.run('router', 'nft', `add rule ip home out ip daddr ${SERVER} ${masquerade}`)
  return net
}

test.skipIf(!namespacesForTests())(
  'a client behind a NAT connects, and moves to another network behind it',
  SLOW,
  async () => {
    using net = homeNetwork()
    await using here = sandbox()
    const server = here.startUnder(net.under('server'), 'listen', SERVICE, '--echo', '--address', SERVER)
    await server.said(/^listening/m)
    const addresses = ['--address', `${WIFI}:0`, '--address', `${CABLE}:0`]
    const client = here.startUnder(net.under('client'), 'connect', SERVICE, '--via', SERVER, ...addresses)
    await client.said(/connected/)
    const bytes = randomBytes(200_000)
    client.stdin.write(bytes.subarray(0, 100_000))
    await once(client.stdout, 'readable')
    const moved = await here.ask('migrate', WIFI, CABLE, '--pid', String(client.pid))
    expect([moved.status, moved.stderr]).toEqual([0, ''])
    client.stdin.end(bytes.subarray(100_000))
    const echoed = await buffer(client.stdout)
    expect([Buffer.compare(echoed, bytes), await client.ended]).toEqual([0, 0])
    // The server never sees the private addresses.
    expect(server.stderr).not.toContain('192.168.')
  },
)
