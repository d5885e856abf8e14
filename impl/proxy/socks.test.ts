/** The messages of SOCKS5: whole, in pieces, and hostile. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { ProxyError } from './errors.ts'
import { methodAnswer, type Read, readGreeting, readRequest, replyAnswer } from './socks.ts'
import { socksConnect } from './testing/clients.ts'

/** The longest request: a name of 255 bytes. */
const MOST_BYTES = 4 + 1 + 255 + 2

/** Gives a reader one byte more each time. Returns its result, and the number of bytes that it needed. */
function oneByOne<T>(bytes: Uint8Array, read: (bytes: Uint8Array) => Read<T> | undefined) {
  for (let length = 0; length <= bytes.length; length++) {
    const found = read(bytes.subarray(0, length))
    if (found !== undefined) return { ...found, needed: length }
  }
  return undefined
}

const outcome = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    if (error instanceof ProxyError) return error.code
    throw error
  }
}

describe('greetings', () => {
  test('offer methods, of which one is no login', () => {
    expect(readGreeting(Uint8Array.of(5, 1, 0))).toEqual({ value: true, length: 3 })
    expect(readGreeting(Uint8Array.of(5, 3, 2, 1, 0, 9))).toEqual({ value: true, length: 5 })
    expect(readGreeting(Uint8Array.of(5, 1, 2, 0))).toEqual({ value: false, length: 3 })
    expect(readGreeting(Uint8Array.of(5, 0))).toEqual({ value: false, length: 2 })
    for (const bytes of [[], [5], [5, 2, 0]]) expect(readGreeting(Uint8Array.from(bytes))).toBeUndefined()
    expect([...methodAnswer(true), ...methodAnswer(false)]).toEqual([5, 0, 5, 0xff])
  })
})

describe('requests', () => {
  test('name a host, an IPv4 and an IPv6 address', () => {
    const request = socksConnect('web.acme.serval', 8080).subarray(3)
    expect(oneByOne(request, readRequest)).toEqual({
      value: { host: 'web.acme.serval', port: 8080 },
      length: request.length,
      needed: request.length,
    })
    expect(readRequest(Uint8Array.of(5, 1, 0, 1, 192, 0, 2, 7, 1, 187, 99))).toEqual({
      value: { host: '192.0.2.7', port: 443 },
      length: 10,
    })
    const ipv6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    expect(readRequest(Uint8Array.of(5, 1, 0, 4, ...ipv6, 0, 80))?.value.host).toBe('2001:db8:0:0:0:0:0:1')
  })

  test('other commands, address types and versions are refused', () => {
    const refused = (...bytes: number[]): unknown => outcome(() => readRequest(Uint8Array.from(bytes)))
    for (const command of [0, 2, 3, 255])
      expect(refused(5, command, 0, 1, 1, 2, 3, 4, 0, 80)).toBe('PROXY_COMMAND')
    for (const type of [0, 2, 5, 255]) expect(refused(5, 1, 0, type)).toBe('PROXY_ADDRESS_TYPE')
    expect(refused(4, 1)).toBe('PROXY_GARBAGE')
    expect([...replyAnswer(7)]).toEqual([5, 7, 0, 1, 0, 0, 0, 0, 0, 0])
  })

  test.prop([
    fc.string({ unit: 'binary-ascii', minLength: 0, maxLength: 255 }),
    fc.nat(65_535),
    fc.uint8Array(),
  ])('a request is read whole from any host and port, whatever follows it', (host, port, rest) => {
    const request = socksConnect(host, port).subarray(3)
    const found = readRequest(Buffer.concat([request, rest]))
    expect(found).toEqual({ value: { host, port }, length: request.length })
  })

  test.prop([fc.uint8Array({ maxLength: 600 })])(
    'any bytes are a request, incomplete, or refused, and the same one by one',
    bytes => {
      for (const hostile of [bytes, Uint8Array.of(5, 1, 0, ...bytes), Uint8Array.of(5, 1, 0, 3, ...bytes)]) {
        const whole = outcome(() => readRequest(hostile))
        if (hostile.length > MOST_BYTES) expect(whole).toBeDefined()
        const pieces = outcome(() => oneByOne(hostile, readRequest))
        if (typeof whole === 'object') expect(pieces).toMatchObject(whole as object)
        else expect(pieces).toBe(whole)
      }
      outcome(() => readGreeting(bytes))
    },
  )
})
