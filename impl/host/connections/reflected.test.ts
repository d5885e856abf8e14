import { expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { ACK, SYN } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { decodeFrame, type Frame, newFrame } from '../../../spec/wire/frame.ts'
import { write32 } from '../../../spec/wire/numbers.ts'
import { seal } from '../../../spec/wire/sum.ts'
import { parseAddress } from '../../link/address.ts'
import type { Datagram } from '../../link/link.ts'
import { kind } from '../testing/echo.ts'
import { CLIENT, CLIENT_NEXT, Several } from '../testing/several.ts'

const ATTACKER = parseAddress('10.9.9.9')

/** Returns a packet for `to` that the attacker has changed, under a right checksum. */
function changed(packet: Datagram, to: number, change: (bytes: Uint8Array, frame: Frame) => void): Datagram {
  const bytes = packet.bytes.slice()
  const frame = newFrame()
  expect(decodeFrame(bytes, 0, bytes.length, frame)).toBe(0)
  change(bytes, frame)
  bytes[10] = bytes[11] = 0
  seal(bytes, 0, frame.payload, 10, 0)
  return { from: ATTACKER, to, bytes }
}

test('an attacker on the path of a join cannot answer it with its own packets', () => {
  const several = new Several()
  const { client, flow, hosts } = several
  several.hosts.pass = packet => {
    const here = (change: (bytes: Uint8Array, frame: Frame) => void) =>
      client.host.receive([changed(packet, CLIENT_NEXT, change)], hosts.now)
    // Each packet of the joining client goes back to the client.
    if (kind(packet) === SYN) here((bytes, frame) => write32(bytes, frame.join + 4, flow.id))
    else here(() => {})
    return false
  }
  const joining = several.join()
  several.run(5000)
  expect(joining.connection).toBe(CONNECTION.REQUEST)
  expect(client.host.flows().map(({ id }) => id)).toEqual([flow.id, joining.id])
})

test('an end does not take its own advertisement and echo for those of its peer', () => {
  const several = new Several()
  const { client, server, accepted, flow, hosts } = several
  hosts.pass = () => false
  client.host.connections.advertise(flow, hosts.now)
  const [own] = client.host.flush(hosts.now)
  const back = changed(must(own), CLIENT, bytes => write32(bytes, 4, flow.id))
  client.host.receive([back], hosts.now)
  expect([...must(flow.belongsTo).peerAddresses]).toEqual([])
  server.host.connections.advertise(accepted, hosts.now)
  client.host.receive(server.host.flush(hosts.now), hosts.now)
  const echo = at(client.host.flush(hosts.now), 0)
  expect(kind(echo)).toBe(ACK)
  client.host.receive([changed(echo, CLIENT, bytes => write32(bytes, 4, flow.id))], hosts.now)
  expect(must(flow.belongsTo).state.owed).toBe(1)
})
