import fc from 'fast-check'
import { expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { ServiceError } from './serviceErrors.ts'
import {
  COMPONENTS_LIMIT,
  compareServiceIds,
  equalServiceIds,
  isCertified,
  KEY_HASH_BYTES,
  keyHashIn,
  listenedPrefixOf,
  prefixOfId,
  printServiceId,
  SERVICE_BITS,
  SERVICE_BYTES,
  serviceIdOf,
  servicePrefixOf,
} from './serviceId.ts'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-']
const component = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 63 })
const components = fc.array(component, { minLength: 1, maxLength: COMPONENTS_LIMIT })
const serviceId = fc.uint8Array({ minLength: SERVICE_BYTES, maxLength: SERVICE_BYTES })
/** IDs that often share a prefix. */
const fewIds = fc
  .array(fc.constantFrom(0, 1, 0x80, 0xff), { minLength: SERVICE_BYTES, maxLength: SERVICE_BYTES })
  .map(bytes => Uint8Array.from(bytes))

const ZEROS = '0'.repeat(64)
const HASH = '0123456789abcdefABCDEF0123456789'

const KEY_HASH = { minLength: KEY_HASH_BYTES, maxLength: KEY_HASH_BYTES }

/** Often at the limits. */
const bitLengths = fc.oneof(fc.integer({ min: 0, max: SERVICE_BITS }), fc.constantFrom(0, SERVICE_BITS))

const bitOf = (id: Uint8Array, bit: number): number => (at(id, bit >> 3) >> (7 - (bit % 8))) & 1
const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'none'
  } catch (error) {
    return error instanceof ServiceError ? error.code : `${error}`
  }
}

test('the mapping is stable: SHA-256 of the name up to each part, as another program computes it', () => {
  // printf acme/echo | sha256sum
  const words = '822b33ad7c4ee2d1031d83b7'
  expect(printServiceId(serviceIdOf('acme/echo/eu'))).toBe(words.padEnd(64, '0'))
  expect(servicePrefixOf('acme/echo/eu')).toMatchObject({ bits: 96, text: 'acme/echo/eu/*' })
})

test('a name is a prefix of the names below it, and the remaining bits are 0', () => {
  fc.assert(
    fc.property(components, fc.nat(), (parts, n) => {
      const whole = servicePrefixOf(parts.join('/'))
      const above = servicePrefixOf(parts.slice(0, 1 + (n % parts.length)).join('/'))
      expect(whole.bits).toBe(32 * parts.length)
      for (let bit = 0; bit < SERVICE_BITS; bit++) {
        if (bit < above.bits) expect(bitOf(above.id, bit)).toBe(bitOf(whole.id, bit))
        else expect(bitOf(above.id, bit)).toBe(0)
      }
    }),
  )
})

test('the same word below another parent maps to other bits', () => {
  expect(serviceIdOf('a/echo').subarray(4, 8)).not.toEqual(serviceIdOf('b/echo').subarray(4, 8))
})

test('letters have no case', () => {
  fc.assert(
    fc.property(components, parts => {
      const name = parts.join('/')
      expect(servicePrefixOf(name)).toEqual(servicePrefixOf(name.toUpperCase()))
      const below = parts.length < COMPONENTS_LIMIT ? '/*' : ''
      expect(servicePrefixOf(name).text).toBe(name.toLowerCase() + below)
      expect(servicePrefixOf(`${name}/*`)).toEqual(servicePrefixOf(name))
    }),
  )
})

test('different names are different services', () => {
  const words = ['echo', 'echo.', 'echo-', 'Echo2', '0', '00', 'a.b', 'a-b', 'a_b', 'ab']
  const names = words.flatMap(a => [a, ...words.flatMap(b => [`${a}/${b}`, `${a}/${b}/${a}`, `${b}${a}/c`])])
  const different = new Set(names.map(name => name.toLowerCase()))
  expect(new Set(names.map(name => printServiceId(serviceIdOf(name)))).size).toBe(different.size)
})

test('64 digits are the serviceID itself', () => {
  fc.assert(
    fc.property(serviceId, id => {
      const digits = printServiceId(id)
      expect(digits).toMatch(/^[0-9a-f]{64}$/)
      expect(serviceIdOf(digits)).toEqual(id)
      expect(serviceIdOf(digits.toUpperCase())).toEqual(id)
      expect(printServiceId(Uint8Array.of(7, ...id, 7), 1)).toBe(digits)
    }),
  )
})

test('a prefix of n bits has all later bits cleared', () => {
  fc.assert(
    fc.property(serviceId, bitLengths, (id, bits) => {
      const cleared = id.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))))
      const prefix = prefixOfId(cleared, bits)
      expect(prefix).toMatchObject({ id: cleared, bits })
      const digits = printServiceId(cleared)
      expect(prefix.text).toBe(bits === 0 ? '*' : bits === SERVICE_BITS ? digits : `${digits}/${bits}`)
      expect(servicePrefixOf(prefix.text)).toEqual(prefix)
      expect(servicePrefixOf(`${digits}/${bits}`)).toEqual(prefix)
      const isCleared = equalServiceIds(cleared, id)
      expect(codeOf(() => prefixOfId(id, bits))).toBe(isCleared ? 'none' : 'SERVICE_BITS')
    }),
  )
})

test.for([
  new Uint8Array(SERVICE_BYTES + 1),
  Buffer.alloc(SERVICE_BYTES),
])('a prefix copies its bytes', id => {
  const prefix = prefixOfId(id, 8)
  id[0] = 1
  expect(prefix.id).toEqual(new Uint8Array(SERVICE_BYTES))
})

test('a listener is at one serviceID, or at everything below if it says so', () => {
  const { id } = servicePrefixOf('acme/echo')
  expect(listenedPrefixOf('Acme/Echo')).toEqual({ id, bits: SERVICE_BITS, text: 'acme/echo' })
  expect(listenedPrefixOf('Acme/Echo/*')).toEqual({ id, bits: 64, text: 'acme/echo/*' })
  for (const text of ['*', 'acme/*', `${ZEROS}/7`, '1/2/3/4/5/6/7/8/*'])
    expect(listenedPrefixOf(text)).toEqual(servicePrefixOf(text))
})

test("nobody can listen at part of a key: the key's holder listens at the complete serviceID", () => {
  const digits = printServiceId(serviceIdOf(`acme#${HASH}`))
  const cut = `${digits.slice(0, 40)}${ZEROS}`.slice(0, 64)
  expect(codeOf(() => servicePrefixOf(`${cut}/160`))).toBe('none')
  expect(codeOf(() => listenedPrefixOf(`${cut}/160`))).toBe('SERVICE_KEY')
  expect(listenedPrefixOf(`${digits}/256`).bits).toBe(SERVICE_BITS)
})

test('a name with a key is below the name, and is one serviceID', () => {
  fc.assert(
    fc.property(
      fc.array(component, { minLength: 1, maxLength: 3 }),
      fc.uint8Array(KEY_HASH),
      (parts, hash) => {
        const name = parts.join('/')
        const text = `${name}#${Buffer.from(hash).toString('hex')}`
        const { id, bits } = servicePrefixOf(name)
        const prefix = servicePrefixOf(text)
        expect(prefix).toMatchObject({ bits: SERVICE_BITS, text: text.toLowerCase() })
        expect(listenedPrefixOf(text.toUpperCase())).toEqual(prefix)
        expect(prefix.id.subarray(0, bits / 8)).toEqual(id.subarray(0, bits / 8))
        expect([isCertified(prefix.id), isCertified(id)]).toEqual([true, false])
        expect(isCertified(Uint8Array.of(7, ...prefix.id), 1)).toBe(true)
        expect(keyHashIn(prefix.id)).toEqual(hash)
        expect(serviceIdOf(printServiceId(prefix.id))).toEqual(prefix.id)
      },
    ),
  )
})

test('a name that maps to the mark of a key by chance is rejected, with everything below it', () => {
  // printf acme/web/eu/6qeiwig
  // sha256sum begins with 236b6579; found among two thousand million names.
  const name = 'acme/web/eu/6qeiwig'
  for (const text of [name, name.toUpperCase(), `${name}/*`, `${name}/below`, `${name}/1/2/3/4`])
    for (const read of [servicePrefixOf, listenedPrefixOf]) {
      expect(codeOf(() => read(text))).toBe('SERVICE_NAME')
      expect(() => read(text)).toThrow('choose another')
    }
  expect(codeOf(() => serviceIdOf(name))).toBe('SERVICE_NAME')
  // In another position the same word means nothing.
  expect(isCertified(serviceIdOf('acme/web/6qeiwig'))).toBe(false)
})

test.for([
  ['', 'SERVICE_NAME'],
  ['acme//echo', 'SERVICE_NAME'],
  ['/acme', 'SERVICE_NAME'],
  ['acme/', 'SERVICE_NAME'],
  ['acme echo', 'SERVICE_NAME'],
  ['acme\n', 'SERVICE_NAME'],
  ['äcme', 'SERVICE_NAME'],
  ['\u212a', 'SERVICE_NAME'], // the Kelvin sign, which is k in lower case
  ['1/2/3/4/5/6/7/8/9', 'SERVICE_NAME'],
  ['x'.repeat(64), 'SERVICE_NAME'],
  ['*/acme', 'SERVICE_NAME'],
  ['acme/*/eu', 'SERVICE_NAME'],
  ['acme/e*', 'SERVICE_NAME'],
  ['/*', 'SERVICE_NAME'],
  ['*/*', 'SERVICE_NAME'],
  [`acme/${ZEROS}`, 'SERVICE_NAME'],
  [`${ZEROS}0`, 'SERVICE_DIGITS'],
  [`acme#`, 'SERVICE_KEY'],
  [`acme#${ZEROS}`, 'SERVICE_KEY'],
  [`acme#${HASH}#`, 'SERVICE_KEY'],
  [`acme#${HASH}/256`, 'SERVICE_KEY'],
  [`acme#${HASH}/*`, 'SERVICE_KEY'],
  [`acme#${HASH.slice(1)}g`, 'SERVICE_KEY'],
  [`1/2/3/4#${HASH}`, 'SERVICE_KEY'],
  [`#${HASH}`, 'SERVICE_NAME'],
  [`*#${HASH}`, 'SERVICE_NAME'],
  [`\u212a#${HASH}`, 'SERVICE_NAME'],
  [`${ZEROS}#${HASH}`, 'SERVICE_NAME'],
  [`${ZEROS}/257`, 'SERVICE_BITS'],
  [`${ZEROS}/`, 'SERVICE_BITS'],
  [`${ZEROS}/8/8`, 'SERVICE_BITS'],
  [`${ZEROS}/*`, 'SERVICE_BITS'],
  [`${ZEROS}/-1`, 'SERVICE_BITS'],
  [`${ZEROS}/1e1`, 'SERVICE_BITS'],
  [`${ZEROS.slice(1)}1/255`, 'SERVICE_BITS'],
] as const)('%j is rejected with %s', ([text, code]) => {
  expect(codeOf(() => servicePrefixOf(text))).toBe(code)
})

test.for(['*', 'acme/*', `${ZEROS}/8`, `${ZEROS}/256`])('%s is not one service', text => {
  expect(codeOf(() => servicePrefixOf(text))).toBe('none')
  expect(codeOf(() => serviceIdOf(text))).toBe('SERVICE_ADDRESS')
})

test('any text is a prefix that survives the round trip, or an error with a code and a remedy', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.array(fc.nat(0xffff)).map(codes => String.fromCharCode(...codes)),
    components.map(parts => parts.join('/')),
    fc.string({ unit: fc.constantFrom(...'09afAF/*#'), maxLength: 70 }),
    fc.string({ unit: fc.constantFrom(...'09afAF'), minLength: 31, maxLength: 33 }).map(end => `a/b#${end}`),
  )
  fc.assert(
    fc.property(texts, text => {
      const code = codeOf(() => servicePrefixOf(text))
      if (code === 'none') expect(servicePrefixOf(servicePrefixOf(text).text)).toEqual(servicePrefixOf(text))
      else expect(['SERVICE_NAME', 'SERVICE_DIGITS', 'SERVICE_BITS', 'SERVICE_KEY']).toContain(code)
    }),
  )
})

test('order and equality are those of numbers', () => {
  const numberOf = (id: Uint8Array): bigint => BigInt(`0x${printServiceId(id)}`)
  const pairs = fc.tuple(fewIds, fewIds, fc.nat(SERVICE_BYTES)).map(([a, b, same]) => {
    b.set(a.subarray(0, same))
    return [a, b] as const
  })
  fc.assert(
    fc.property(pairs, ([a, b]) => {
      const difference = numberOf(a) - numberOf(b)
      expect(Math.sign(compareServiceIds(a, b))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0)
      expect(equalServiceIds(a, b)).toBe(difference === 0n)
      const packet = Uint8Array.of(1, 2, ...a, ...b)
      expect(equalServiceIds(packet, packet, 2, 2 + SERVICE_BYTES)).toBe(difference === 0n)
    }),
  )
})
