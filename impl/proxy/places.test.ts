import { describe, expect, test } from 'vitest'
import { Places } from './places.ts'

describe('places of clients', () => {
  test.each([
    ['192.0.2.1', '192.0.2.2'],
    ['::ffff:192.0.2.1', '192.0.2.2'],
    ['2001:db8::1', '2001:db8:0:1::1'],
  ])('%s gets its share, and %s still finds room', (one, other) => {
    const places = new Places(8)
    const first = places.take(one)
    expect(places.take(one)).toBeDefined()
    expect(places.take(one)).toBeUndefined()
    expect(places.take(other)).toBeDefined()
    first?.()
    expect(places.take(one)).toBeDefined()
    expect(places.take(one)).toBeUndefined()
  })

  test('all addresses of an IPv6 network share one limit', () => {
    const places = new Places(4)
    expect(places.take('2001:db8::1')).toBeDefined()
    expect(places.take('2001:db8::2')).toBeUndefined()
  })

  test('an address that has freed its places may take as many again', () => {
    const places = new Places(4)
    for (let i = 0; i < 3; i++) {
      const free = places.take('192.0.2.1')
      expect(free).toBeDefined()
      free?.()
    }
  })

  test('programs of this machine have no limit of their own', () => {
    const places = new Places(4)
    for (const host of ['127.0.0.1', '::1', '127.0.0.1', '::1']) expect(places.take(host)).toBeDefined()
  })
})
