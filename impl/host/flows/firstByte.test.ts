/** How soon data uses a new path, measured exactly in virtual time. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { DATA } from '../../../spec/machines/flow/packets.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { kindOf } from '../../../spec/wire/kinds.ts'
import { parseAddress } from '../../link/address.ts'
import { Stream } from '../../transport/stream/stream.ts'
import { prefixOfId, serviceIdOf } from '../services/serviceId.ts'
import { Hosts } from '../testing/hosts.ts'
import type { Flow } from './flow.ts'

const SERVICE = serviceIdOf('acme/download')
const SERVER = parseAddress('10.0.0.2')
const ELSEWHERE = parseAddress('10.0.1.1')
const BYTES = 300_000

const newStream = (initialSequence: number) => new Stream({ initialSequence, mss: 1400 })
const content = Uint8Array.from({ length: BYTES }, (_, i) => (i * 31 + (i >> 8)) & 255)

interface Seen {
  /** When the first data left on the new path after the request: from the end that moves, and from its peer. */
  readonly moverMs: number
  readonly peerMs: number
  readonly read: Buffer
}

/** Moves a client in the middle of a transfer, at `moveMs`. */
function move(latencyMs: number, moveMs: number, isUpload: boolean): Seen {
  const hosts = new Hosts(1, latencyMs)
  const client = hosts.add(['10.0.0.1', '10.0.1.1'])
  const server = hosts.add(['10.0.0.2'])
  const accepted: Flow[] = []
  server.host.listen(prefixOfId(SERVICE), {
    queue: 1,
    backlog: 1,
    transport: () => newStream(7),
    onReady: listener => accepted.push(must(server.host.accept(listener))),
  })
  const flow = client.host.connect({ service: SERVICE, transport: newStream(5), via: SERVER }, 0)
  hosts.run(4 * latencyMs)
  const ends = [flow, at(accepted, 0)].map(({ transport }) => transport as Stream)
  const [from, to] = (isUpload ? ends : ends.toReversed()) as [Stream, Stream]
  const pieces: Buffer[] = []
  to.user = {
    onReadable: () => {
      for (let bytes = to.read(); bytes !== undefined; bytes = to.read()) pieces.push(bytes)
    },
  }
  from.write(content)
  hosts.run(hosts.now + moveMs)
  const [requestMs, frame] = [hosts.now, newFrame()]
  const first = new Map<unknown, number>()
  hosts.pass = ({ from: source, to: target, bytes }, station) => {
    const isThere = source === ELSEWHERE || target === ELSEWHERE
    if (isThere && decodeFrame(bytes, 0, bytes.length, frame) === 0 && kindOf(frame) === DATA)
      if (!first.has(station)) first.set(station, hosts.now - requestMs)
    return true
  }
  client.host.migrate(flow, ELSEWHERE, hosts.now)
  hosts.run(hosts.now + 1000 * latencyMs)
  return { moverMs: must(first.get(client)), peerMs: must(first.get(server)), read: Buffer.concat(pieces) }
}

// A challenge there and back proves the path; the peer's data waits for the answer to its own challenge.
test('the moving end sends after one round trip, its peer half a round trip later, and no byte is lost or repeated', () => {
  const latency = fc.integer({ min: 1, max: 150 })
  const property = fc.property(latency, fc.nat(10), fc.boolean(), (latencyMs, tenths, isUpload) => {
    const { moverMs, peerMs, read } = move(latencyMs, (tenths * latencyMs) / 2, isUpload)
    expect(moverMs).toBeCloseTo(2 * latencyMs, 6)
    expect(peerMs).toBeCloseTo(3 * latencyMs, 6)
    expect(read.equals(content)).toBe(true)
  })
  fc.assert(property, { numRuns: 40 })
})
