import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { parseAddress } from '../../link/address.ts'
import { bestAddress, type Mobility, moveTo } from './mobility.ts'

const at = (...texts: string[]) => texts.map(text => parseAddress(text))
const [wifi, mobile, loop, other] = at('192.0.2.1', '198.51.100.1', '127.0.0.1', '127.0.0.2')
const [server, here, server6, own6] = at('203.0.113.9', '127.0.0.9', '[2001:db8::9]', '[2001:db8::1]')

describe('the best address', () => {
  test.each([
    ['the first', [wifi, mobile], server, wifi],
    ['of the peer’s kind', [wifi, own6], server6, own6],
    ['not loopback, for what is outside', [loop, mobile], server, mobile],
    ['loopback, for what is inside', [wifi, loop], here, loop],
    ['any, for what is inside, without loopback', [wifi], here, wifi],
    ['none', [loop, own6], server, 0],
  ] as const)('%s', (_, addresses, peer, expected) => {
    expect(bestAddress(addresses as readonly number[], must(peer))).toBe(expected)
  })
})

describe('a move', () => {
  test.each([
    ['stay', [mobile], wifi, 0],
    ['leave', [mobile, wifi], wifi, 0],
    ['leave', [mobile], wifi, mobile],
    ['leave', [], wifi, 0],
    ['best', [wifi, mobile], wifi, 0],
    ['best', [wifi, mobile], mobile, wifi],
    ['best', [loop], wifi, 0],
  ] as const)('by %s, with %j, from %d: %d', (policy, addresses, local, expected) => {
    expect(moveTo(policy, addresses as readonly number[], must(local), must(server))).toBe(expected)
  })

  const anyAddresses = fc.uniqueArray(
    fc.constantFrom(must(wifi), must(mobile), must(loop), must(other), must(own6)),
  )
  const anyPolicy = fc.constantFrom<Mobility>('stay', 'leave', 'best')
  test.prop([
    anyPolicy,
    anyAddresses,
    fc.constantFrom(must(wifi), must(mobile), must(loop)),
    fc.constantFrom(must(server), must(here)),
  ])('leads to an available address, and needs no second move', (policy, addresses, local, peer) => {
    const target = moveTo(policy, addresses, local, peer)
    fc.pre(target !== 0)
    expect(addresses).toContain(target)
    expect(moveTo(policy, addresses, target, peer)).toBe(0)
  })
})
