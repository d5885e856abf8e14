/** The system chooses from where a stack connects that uses all addresses of its machine. Linux, as root. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { canUnshare } from './testing/canUnshare.ts'

const SCRIPT = `${import.meta.dirname}/testing/choosing.ts`

/** Runs the script in a network of its own. Interfaces are listed by name: docker0 precedes eth0. */
function chosen(...to: readonly string[]): string[] {
  const commands = `
    ip link set lo up
    for name in docker0 eth0 eth1; do ip link add $name type veth peer name p$name; ip link set p$name up; done
    ip addr add 172.17.0.1/16 dev docker0; ip addr add 192.0.2.1/24 dev eth0; ip addr add 198.51.100.1/24 dev eth1
    for name in docker0 eth0 eth1; do ip link set $name up; done
    ip route add default via 198.51.100.9 metric 100; ip route add 203.0.113.0/24 via 192.0.2.9
    exec "$@"`
  const args = ['-n', 'sh', '-c', commands, 'sh', process.execPath, SCRIPT, ...to]
  return execFileSync('unshare', args, { encoding: 'utf8' }).trim().split('\n')
}

test.runIf(canUnshare)('routes and metrics choose the address, not the order of interfaces', SLOW, () => {
  expect(chosen('8.8.8.8:1', '203.0.113.9:1', '172.17.0.9:1', '192.0.2.9:1', '127.0.0.1:1')).toEqual([
    '198.51.100.1',
    '192.0.2.1',
    '172.17.0.1',
    '192.0.2.1',
    '127.0.0.1',
  ])
})
