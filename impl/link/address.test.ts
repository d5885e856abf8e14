import { isIPv6 as nodeSaysIPv6 } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CLIENT_PORT,
  fromIPv4,
  fromIPv6,
  fromParts,
  hostOf,
  ipOf,
  ipv6Of,
  isIPv4,
  isIPv6,
  parseAddress,
  portOf,
  printAddress,
  SERVER_PORT,
  withPort,
} from './address.ts'
import { LinkError } from './errors.ts'

const ports = fc.integer({ min: 0, max: 65535 })
const ips = fc.integer({ min: 1, max: 0xffffffff })
/** Zeros are frequent, so that `::` appears everywhere. */
const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
  minLength: 8,
  maxLength: 8,
})
const ipv6s = groups.filter(list => list.slice(0, 5).some(group => group !== 0))

const bytesOf = (list: readonly number[]): Uint8Array =>
  Uint8Array.from(list.flatMap(group => [group >> 8, group & 255]))

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof LinkError) return error.code
    throw error
  }
  return 'nothing'
}

describe('texts', () => {
  test.for([
    ['127.0.0.1:80', '127.0.0.1:80'],
    ['127.0.0.1', `127.0.0.1:${SERVER_PORT}`],
    ['255.255.255.255:65535', '255.255.255.255:65535'],
    ['10.0.0.1:0', '10.0.0.1:0'],
    ['::1', `[::1]:${SERVER_PORT}`],
    ['[::1]', `[::1]:${SERVER_PORT}`],
    ['[::1]:7', '[::1]:7'],
    ['[2001:DB8:0:0:1:0:0:1]:9', '[2001:db8::1:0:0:1]:9'],
    ['[1:0:0:2:0:0:0:3]:9', '[1:0:0:2::3]:9'],
    ['[1:2:3:4:5:6:0:8]:9', '[1:2:3:4:5:6:0:8]:9'],
    ['[fe80::1%eth0]:9', '[fe80::1%eth0]:9'],
    ['64:ff9b::192.0.2.33', `[64:ff9b::c000:221]:${SERVER_PORT}`],
    ['[::ffff:192.0.2.33]:9', '192.0.2.33:9'],
  ] as const)('%s is %s', ([text, printed]) => {
    expect(printAddress(parseAddress(text))).toBe(printed)
  })

  test.for([
    ...[
      '',
      'x',
      'localhost',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.4:',
      '1.2.3.4:65536',
      '1.2.3.4:-1',
    ],
    ...[
      '[1.2.3.4]',
      '[::1',
      '::1]',
      '1::2::3',
      ':::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7::8',
      '12345::',
    ],
    ...['1.2.3.4::', '::1.2.3.4:5', 'fe80::1%', 'fe80::1%a%b', 'fe80::1%a b', '0.0.0.0:0', '::1 ', '::g'],
    `::1%${'z'.repeat(33)}`,
    '1'.repeat(100_000),
    ':'.repeat(100_000),
  ])('%s is none', text => {
    expect(codeOf(() => parseAddress(text))).toBe('LINK_ADDRESS')
  })

  test('the caller can choose the default port', () => {
    expect(portOf(parseAddress('::1', CLIENT_PORT))).toBe(CLIENT_PORT)
  })

  test('any text is parsed or rejected', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[[\]:.%0-9a-f]{0,40}$/))
    fc.assert(
      fc.property(texts, text => {
        const code = codeOf(() => parseAddress(text))
        expect(['nothing', 'LINK_ADDRESS']).toContain(code)
      }),
    )
  })

  test('IPv6 addresses print as Node prints them', () => {
    const texts = fc.stringMatching(/^[:.0-9a-f]{2,24}$/)
    fc.assert(
      fc.property(texts, text => {
        expect(codeOf(() => parseAddress(`[${text}]`)) === 'nothing').toBe(nodeSaysIPv6(text))
      }),
      { numRuns: 2000 },
    )
  })

  test('an IPv4 address survives the round trip through text, as number and as address', () => {
    fc.assert(
      fc.property(ips, ports, (ip, port) => {
        const address = fromIPv4(ip, port)
        expect([ipOf(address), portOf(address), isIPv4(address), isIPv6(address)]).toEqual([
          ip,
          port,
          true,
          false,
        ])
        expect(parseAddress(printAddress(address))).toBe(address)
        expect(fromParts(hostOf(address), port)).toBe(address)
        expect(ipv6Of(address)).toBeUndefined()
      }),
    )
  })

  test('an IPv6 address survives the round trip through text, as bytes and as address', () => {
    fc.assert(
      fc.property(ipv6s, ports, (list, port) => {
        const address = fromIPv6(bytesOf(list), port)
        expect([ipOf(address), portOf(address), isIPv4(address), isIPv6(address)]).toEqual([
          0,
          port,
          false,
          true,
        ])
        expect(ipv6Of(address)).toEqual(bytesOf(list))
        expect(parseAddress(printAddress(address))).toBe(address)
        expect(fromParts(hostOf(address), port)).toBe(address)
        // The same address, written without `::`.
        expect(parseAddress(`[${list.map(group => group.toString(16)).join(':')}]:${port}`)).toBe(address)
      }),
    )
  })

  test('RFC 5952: the text is the shortest one, and agrees with the URL standard', () => {
    fc.assert(
      fc.property(ipv6s, list => {
        const address = fromIPv6(bytesOf(list), 1)
        expect(new URL(`http://[${hostOf(address)}]`).hostname).toBe(`[${hostOf(address)}]`)
      }),
    )
  })
})

test('every address is exact in a double, and another port is another address', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        ips.map(ip => fromIPv4(ip, 1)),
        ipv6s.map(list => fromIPv6(bytesOf(list), 1)),
      ),
      ports,
      (a, port) => {
        expect(Number.isSafeInteger(a)).toBe(true)
        const other = withPort(a, port)
        expect([portOf(other), hostOf(other)]).toEqual([port, hostOf(a)])
      },
    ),
  )
})

test('copies the bytes of an IPv6 address', () => {
  const bytes = bytesOf([0x2001, 1, 2, 3, 4, 5, 6, 7])
  const address = fromIPv6(bytes, 1)
  bytes.fill(0)
  expect(ipv6Of(address)).toEqual(bytesOf([0x2001, 1, 2, 3, 4, 5, 6, 7]))
})

test('NO_ADDRESS and forgotten addresses have texts of their own', () => {
  expect(printAddress(0)).toBe('none')
  expect(printAddress(2 ** 53 - 65536 + 7)).toBe('[forgotten]:7')
})
