import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { decodeFrame, newFrame } from '../../../spec/wire/frame.ts'
import { captured } from '../../../spec/wire/testing/pcap.ts'
import { fromIPv4, parseAddress } from '../../link/address.ts'
import { prefixOfId, serviceIdOf } from '../services/serviceId.ts'
import { Hosts } from '../testing/hosts.ts'
import { encodeUnconnected, isUnconnected, readUnconnected, type Unconnected } from './unconnected.ts'

const read = (bytes: Uint8Array, from: number, to: number): Unconnected | undefined => {
  const frame = newFrame()
  if (decodeFrame(bytes, 0, bytes.length, frame) !== 0 || !isUnconnected(frame)) return undefined
  return readUnconnected(frame, from, to)
}

const anyService = fc.uint8Array({ minLength: 32, maxLength: 32 })
const [here, there] = ['10.0.0.1', '10.0.0.2'].map(text => parseAddress(text))
const hello: Unconnected = {
  from: must(here),
  to: must(there),
  service: serviceIdOf('acme/echo'),
  source: serviceIdOf('acme/asker'),
  message: new TextEncoder().encode('hello'),
}

describe('on the wire', () => {
  test.prop([anyService, anyService, fc.uint8Array({ maxLength: 1300 }), fc.nat(2 ** 32 - 1)])(
    'a message survives the round trip',
    (service, source, message, srcFlow) => {
      const whole = { from: must(here), to: must(there), service, source, message, srcFlow }
      expect(read(encodeUnconnected(whole).bytes, must(here), must(there))).toEqual(whole)
    },
  )

  test('reading from a Buffer copies too', () => {
    const bytes = Buffer.from(encodeUnconnected({ ...hello, srcFlow: 7 }).bytes)
    const copy = read(bytes, must(here), must(there))
    bytes.fill(0)
    expect(copy).toEqual({ ...hello, srcFlow: 7 })
  })

  test("the prototype's messages can be read, and written to the same bytes", () => {
    const theirs = captured.filter(
      ({ file, protocol, bytes }) =>
        /^udp-unconn2?-A$/.test(file) && protocol === 144 && read(bytes, 1, 1) !== undefined,
    )
    expect(theirs.length).toBeGreaterThan(1)
    for (const { bytes, source, destination } of theirs) {
      const whole = must(read(bytes, fromIPv4(source, 0), fromIPv4(destination, 0)))
      expect(Buffer.from(whole.message).toString()).toMatch(/unconnected/)
      expect(Buffer.from(encodeUnconnected(whole).bytes)).toEqual(Buffer.from(bytes))
    }
  })
})

describe('a host', () => {
  const listening = () => {
    const hosts = new Hosts()
    const client = hosts.add(['10.0.0.1'])
    const server = hosts.add(['10.0.0.2'])
    const heard: Unconnected[] = []
    server.host.listen(prefixOfId(hello.service), {
      transport: () => undefined,
      onReady: () => {},
      onUnconnected: one => heard.push(one),
    })
    return { hosts, client, server, heard }
  }

  test('passes a message to the listener of its service', () => {
    const { hosts, client, heard } = listening()
    client.host.packets.add(encodeUnconnected(hello))
    hosts.run(100)
    expect(heard).toEqual([{ ...hello, srcFlow: 0 }])
  })

  test('counts a message without a listener, and does not answer', () => {
    const { hosts, client, server, heard } = listening()
    client.host.packets.add(encodeUnconnected({ ...hello, service: serviceIdOf('acme/other') }))
    const broken = encodeUnconnected(hello)
    broken.bytes[broken.bytes.length - 1] = at(broken.bytes, broken.bytes.length - 1) ^ 1
    client.link.send([broken])
    hosts.run(100)
    expect(heard).toEqual([])
    expect([server.host.counters.unserved, server.host.counters.corrupt]).toEqual([1, 1])
    expect(client.host.counters.received).toBe(0)
  })
})
