/** Streams over several flows of two hosts, in virtual time. */
import { expect, test } from 'vitest'
import { ENDED } from '../../../spec/machines/connection/reasons.ts'
import { SYN, SYNACK } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { Download, TOTAL } from '../testing/download.ts'
import { kind } from '../testing/echo.ts'
import { SERVER } from '../testing/several.ts'

test('a stream uses both flows, and closes both', () => {
  const one = new Download()
  one.run(30)
  expect(one.owners[1].stream.flows.map(({ bytesSent }) => bytesSent > 0)).toEqual([true, true])
  one.run(2000)
  expect(one.read).toBe(TOTAL)
  one.owners[0].stream.finish(one.hosts.now)
  one.run(1000)
  expect(one.owners.map(({ over, left }) => [over, left > 0])).toEqual([
    [ENDED.CLOSED, true],
    [ENDED.CLOSED, true],
  ])
})

test('a flow joins after the client has finished, and carries the rest of the download', () => {
  const one = new Download(true)
  expect(one.second.connection).toBe(CONNECTION.FINWAIT2)
  one.run(30)
  expect(one.owners[1].stream.flows.map(({ bytesSent }) => bytesSent > 0)).toEqual([true, true])
  one.client.host.connections.remove(one.first, one.hosts.now)
  one.run(3000)
  expect([one.read, ...one.owners.map(({ over }) => over)]).toEqual([TOTAL, ENDED.CLOSED, ENDED.CLOSED])
})

test('a stream loses nothing when one of its flows is reset or removed', () => {
  for (const isRemoved of [false, true]) {
    const one = new Download()
    one.run(30)
    const { connections } = one.client.host
    if (isRemoved) connections.remove(one.first, one.hosts.now)
    else connections.end(one.first, one.hosts.now)
    one.run(3000)
    expect([one.read, one.owners.map(({ left }) => left)]).toEqual([TOTAL, [1, 1]])
    expect(one.second.isLive).toBe(true)
  }
})

/** The flows that each end's stream counts, joining ones included. */
const counts = ({ owners }: Download) => owners.map(({ stream }) => stream.flows.length)

test('a flow that fails to join leaves nothing in the stream of either end', () => {
  const one = new Download()
  one.run(3000)
  const flow = one.join()
  expect(counts(one)).toEqual([3, 2])
  one.run(6)
  expect(counts(one)).toEqual([3, 3])
  one.client.host.connections.end(flow, one.hosts.now)
  one.run(100)
  expect(counts(one)).toEqual([2, 2])
})

test('a flow leaves nothing in a stream when its handshake times out at either end', () => {
  const one = new Download()
  one.run(3000)
  one.hosts.pass = packet => kind(packet) !== SYNACK
  one.join()
  one.run(6)
  expect(counts(one)).toEqual([3, 3])
  one.run(2_000_000)
  expect(counts(one)).toEqual([2, 2])
})

test('a SYN that the host has no room for, or cannot read, leaves nothing in the stream', () => {
  for (const isFull of [true, false]) {
    const one = new Download(false, isFull ? { flows: 2 } : {})
    one.run(3000)
    const { refused } = one.server.host.counters
    one.hosts.pass = packet => {
      if (isFull || kind(packet) !== SYN) return true
      const frame = newFrame()
      expect(decodeFrame(packet.bytes, 0, packet.bytes.length, frame)).toBe(0)
      // The transport's part is missing.
      const bytes = packet.bytes.slice(0, frame.payload)
      one.server.host.receive([{ ...packet, bytes }], one.hosts.now)
      return false
    }
    one.join()
    one.run(6)
    expect([one.server.host.counters.refused, counts(one)[1]]).toEqual([refused + 1, 2])
  }
})

test('a stream loses nothing when a path dies', () => {
  const one = new Download()
  one.run(30)
  one.hosts.pass = ({ from, to }) => from !== SERVER && to !== SERVER
  one.run(5000)
  expect(one.read).toBe(TOTAL)
})
