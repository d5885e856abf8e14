/** A thousand clients that connect at once through a short queue. */
import { expect, test } from 'vitest'
import { SLOW } from '../../../checker/testing/limits.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { parseAddress } from '../../link/address.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { ECHO, listen } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'

const CLIENTS = 1000
/** A queue of 64 packets, which drains within 10 ms. */
const QUEUE = 64
const DRAIN_MS = 10
const VIA = parseAddress('10.0.0.2')

test('connects whose SYNs are lost together repeat them apart', SLOW, () => {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1'], { flows: CLIENTS })
  const server = hosts.add(['10.0.0.2'])
  listen(server, CLIENTS)
  let [slot, queued] = [-1, 0]
  hosts.pass = ({ to }) => {
    if (to !== VIA) return true
    const now = Math.floor(hosts.now / DRAIN_MS)
    if (now !== slot) [slot, queued] = [now, 0]
    return queued++ < QUEUE
  }
  const flows = Array.from({ length: CLIENTS }, () =>
    client.host.connect({ service: ECHO, transport: new DatagramTransport(), via: VIA }, 0),
  )
  const connected = () => flows.filter(({ connection }) => connection === CONNECTION.CONNECTED).length
  // In step, each doubling would let 64 through, and the last would connect after hours.
  hosts.run(8000)
  expect(connected()).toBe(CLIENTS)
})
