import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { ACK, SYN, SYNACK } from '../../spec/machines/flow/packets.ts'
import { DatagramTransport, MESSAGE_BYTES, QUEUE_BYTES, QUEUE_MESSAGES } from './datagram.ts'

const HEADER_BYTES = 8
const out = new Uint8Array(2000)

/** Returns the next packet that leaves, or undefined. */
function packetOf(transport: DatagramTransport): Uint8Array | undefined {
  const end = transport.send(out, 12, 0)
  return end === 12 ? undefined : out.slice(12, end)
}
const packetsOf = (transport: DatagramTransport): readonly Uint8Array[] => {
  const packets: Uint8Array[] = []
  for (let packet = packetOf(transport); packet; packet = packetOf(transport)) packets.push(packet)
  return packets
}
const readAll = (transport: DatagramTransport): readonly string[] => {
  const messages: string[] = []
  for (let message = transport.read(); message; message = transport.read()) messages.push(textOf(message))
  return messages
}
const textOf = (message: Uint8Array): string => Buffer.from(message).toString('hex')
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

const message = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: MESSAGE_BYTES }))
const texts = fc.array(message.map(textOf), { maxLength: 30 })

test('messages keep their boundaries, their order and their bytes', () => {
  fc.assert(
    fc.property(texts, sent => {
      const [here, there] = [new DatagramTransport(), new DatagramTransport()]
      for (const text of sent) expect(here.write(bytesOf(text))).toBe(true)
      for (const packet of packetsOf(here)) there.receive(packet, 0, packet.length, 0)
      expect(there.readable).toBe(sent.length)
      expect(readAll(there)).toEqual(sent)
      expect(here.statistics).toMatchObject({ sent: sent.length, refused: 0, tooLong: 0 })
      expect(there.statistics).toMatchObject({ received: sent.length, unread: 0, malformed: 0 })
    }),
  )
})

test('delivers, loses, repeats and reorders exactly what the network does', () => {
  const fate = fc.array(fc.record({ copies: fc.nat(2), delay: fc.nat(5) }), { minLength: 30, maxLength: 30 })
  fc.assert(
    fc.property(texts, fate, (sent, fates) => {
      const [here, there] = [new DatagramTransport(), new DatagramTransport()]
      for (const text of sent) here.write(bytesOf(text))
      const arriving = packetsOf(here)
        .flatMap((packet, i) => Array(at(fates, i).copies).fill({ packet, i, at: i + at(fates, i).delay }))
        .sort((a, b) => a.at - b.at)
      for (const { packet } of arriving) there.receive(packet, 0, packet.length, 0)
      expect(readAll(there)).toEqual(arriving.map(({ i }) => sent[i]))
    }),
  )
})

test('a packet is a UDP header with ports and checksum 0 (RFC 768), then the message', () => {
  const transport = new DatagramTransport()
  transport.write(bytesOf('c0ffee'))
  out.fill(0xee)
  expect(textOf(must(packetOf(transport)))).toBe(`00000000${'000b'}0000c0ffee`)
})

test('never asks for a timeout and never withholds a packet', () => {
  const transport = new DatagramTransport()
  transport.expire(1e9)
  expect([transport.protocol, transport.nextTimeout(), transport.peerFinished]).toEqual([17, Infinity, true])
})

describe('handshake', () => {
  test.for([SYN, SYNACK, ACK])('packet %d carries an empty datagram, however often it is repeated', kind => {
    const [here, there] = [new DatagramTransport(), new DatagramTransport()]
    here.write(bytesOf('01'))
    for (const now of [0, 1000]) {
      const end = here.writeHandshake(kind, out, 5, now)
      expect(textOf(out.subarray(5, end))).toBe('0000000000080000')
      expect(there.readHandshake(kind, out, 5, end, now)).toBe(true)
    }
    expect(packetsOf(here)).toHaveLength(1)
  })

  test.for([
    '',
    '00000000000800',
    '0000000000070000',
    '0000000000090000',
    '000000000009000001',
  ])("'%s' is refused", text => {
    const transport = new DatagramTransport()
    expect(transport.readHandshake(SYN, bytesOf(text), 0, text.length / 2, 0)).toBe(false)
    expect(transport.readable).toBe(0)
  })
})

test('accepts any bytes: each packet is a message within it, or counted as malformed', () => {
  const lengths = fc.option(fc.nat(40), { nil: undefined })
  const packets = fc.uint8Array({ maxLength: 40, size: 'max' })
  fc.assert(
    fc.property(packets, lengths, fc.nat(5), (bytes, length, start) => {
      if (length !== undefined && bytes.length >= HEADER_BYTES) bytes.set([0, length], 4)
      const padded = Uint8Array.of(...Array(start).fill(7), ...bytes, 7, 7)
      const transport = new DatagramTransport()
      transport.receive(padded, start, start + bytes.length, 0)
      const said = bytes.length < HEADER_BYTES ? 0 : at(bytes, 4) * 256 + at(bytes, 5)
      const isRight = said >= HEADER_BYTES && said <= bytes.length
      expect(readAll(transport)).toEqual(isRight ? [textOf(bytes.subarray(HEADER_BYTES, said))] : [])
      expect(transport.statistics).toMatchObject({ received: isRight ? 1 : 0, malformed: isRight ? 0 : 1 })
    }),
  )
})

test('keeps no reference to the bytes of received packets', () => {
  const transport = new DatagramTransport()
  const packet = bytesOf('0000000000090000aa')
  transport.receive(packet, 0, packet.length, 0)
  packet.fill(0)
  expect(readAll(transport)).toEqual(['aa'])
})

describe('limits', () => {
  const number = (i: number): Uint8Array => Uint8Array.of(i >> 8, i)

  test('a message must fit a packet', () => {
    const transport = new DatagramTransport(10)
    expect(transport.write(new Uint8Array(10))).toBe(true)
    expect(() => transport.write(new Uint8Array(11))).toThrow(
      new RangeError('a message of 11 bytes does not fit a packet: send at most 10 bytes at once'),
    )
    expect(transport.buffered).toBe(10)
  })

  test('a full send queue refuses the newest message, and reports room when half of it is free', () => {
    const transport = new DatagramTransport()
    let drained = 0
    transport.user = {
      onDrain: () => {
        drained++
      },
    }
    const taken = Array.from({ length: QUEUE_MESSAGES + 5 }, (_, i) => transport.write(number(i)))
    expect(taken.filter(Boolean)).toHaveLength(QUEUE_MESSAGES)
    expect(transport.statistics.refused).toBe(5)
    for (let i = 0; i < QUEUE_MESSAGES; i++) {
      expect(textOf(must(packetOf(transport)).subarray(HEADER_BYTES))).toBe(textOf(number(i)))
      expect(drained).toBe(i + 1 < QUEUE_MESSAGES / 2 ? 0 : 1)
    }
  })

  test('reports no room to a writer that was never refused or has finished', () => {
    const transport = new DatagramTransport()
    let drained = 0
    transport.user = {
      onDrain: () => {
        drained++
      },
    }
    transport.write(number(1))
    packetsOf(transport)
    for (let i = 0; i <= QUEUE_MESSAGES; i++) transport.write(number(i))
    transport.finish(0)
    packetsOf(transport)
    expect(drained).toBe(0)
  })

  test('a full receive queue drops the oldest message', () => {
    const transport = new DatagramTransport()
    for (let i = 0; i < QUEUE_MESSAGES + 5; i++)
      transport.receive(Uint8Array.of(0, 0, 0, 0, 0, 10, 0, 0, ...number(i)), 0, 10, 0)
    expect(transport.statistics).toMatchObject({ received: QUEUE_MESSAGES + 5, unread: 5 })
    expect(readAll(transport)).toEqual(
      Array.from({ length: QUEUE_MESSAGES }, (_, i) => textOf(number(i + 5))),
    )
  })

  test('limits of bytes act like limits of messages, in both queues', () => {
    const length = 60_000
    const packet = new Uint8Array(HEADER_BYTES + length)
    packet.set([packet.length >> 8, packet.length & 255], 4)
    const transport = new DatagramTransport(length)
    for (let i = 0; i < 6; i++) {
      expect(transport.write(new Uint8Array(length))).toBe((i + 1) * length <= QUEUE_BYTES)
      packet[HEADER_BYTES] = i
      transport.receive(packet, 0, packet.length, 0)
      expect(transport.buffered).toBeLessThanOrEqual(2 * QUEUE_BYTES)
    }
    expect(transport.statistics).toMatchObject({ refused: 2, unread: 2 })
    expect(transport.buffered).toBe(8 * length)
    expect(must(transport.read())[0]).toBe(2)
  })
})

test('a frozen transport sends nothing, receives, and resumes where it stopped', () => {
  const transport = new DatagramTransport()
  transport.write(bytesOf('01'))
  transport.freeze()
  transport.write(bytesOf('02'))
  expect(packetsOf(transport)).toEqual([])
  transport.receive(bytesOf('000000000009000003'), 0, 9, 0)
  expect(readAll(transport)).toEqual(['03'])
  transport.thaw(0, true)
  expect(packetsOf(transport).map(packet => packet[HEADER_BYTES])).toEqual([1, 2])
})

test('after a move to smaller packets, drops messages that no longer fit and sends the next', () => {
  const transport = new DatagramTransport()
  for (const length of [100, 20, 21, 100, 10]) transport.write(new Uint8Array(length))
  const small = new Uint8Array(12 + HEADER_BYTES + 20)
  const ends = [1, 2, 3].map(() => transport.send(small, 12, 0))
  expect(ends).toEqual([40, 30, 12])
  expect(transport.statistics).toMatchObject({ sent: 2, tooLong: 3 })
})

test('is finished when its last message has left, and then accepts no more', () => {
  const transport = new DatagramTransport()
  expect(transport.finished).toBe(false)
  transport.write(bytesOf('01'))
  transport.finish(0)
  expect(transport.finished).toBe(false)
  expect(transport.write(bytesOf('02'))).toBe(false)
  transport.freeze()
  packetsOf(transport)
  expect(transport.finished).toBe(false)
  transport.thaw(0, false)
  expect(packetsOf(transport)).toHaveLength(1)
  expect(transport.finished).toBe(true)
  const empty = new DatagramTransport()
  empty.finish(0)
  expect(empty.finished).toBe(true)
})

test('calls back when a message is queued and when one arrives, and never after destroy', () => {
  const transport = new DatagramTransport()
  const told: string[] = []
  transport.driver = { isCrowded: false, wake: () => told.push('work') }
  transport.user = {
    onReadable: () => told.push(`read ${readAll(transport)}`),
    onDrain: () => told.push('drain'),
  }
  const come = (byte: number) => transport.receive(Uint8Array.of(0, 0, 0, 0, 0, 9, 0, 0, byte), 0, 9, 0)
  transport.write(bytesOf('01'))
  come(4)
  come(5)
  expect(told).toEqual(['work', 'read 04', 'read 05'])
  for (let i = 0; i < QUEUE_MESSAGES; i++) transport.write(bytesOf('02'))
  transport.user = { onReadable: () => told.push('read') }
  come(6)
  told.length = 0
  transport.destroy()
  expect(transport.write(bytesOf('03'))).toBe(false)
  come(7)
  expect([told, transport.buffered, transport.readable, packetsOf(transport)]).toEqual([[], 0, 0, []])
})
