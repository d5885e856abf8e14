/** Addresses that stand for services: from one range, each for one service at a time. */
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { addressRangeOf, StandIns } from './standIns.ts'

test('addresses of the range, without its first and its last', () => {
  const standIns = new StandIns(must(addressRangeOf('198.18.0.0/15')))
  expect([standIns.addressOf('a'), standIns.addressOf('b'), standIns.addressOf('a')]).toEqual([
    '198.18.0.1',
    '198.18.0.2',
    '198.18.0.1',
  ])
  expect(standIns.serviceOf('::ffff:198.18.0.2')).toBe('b')
  expect(standIns.serviceOf('198.18.0.3')).toBeUndefined()
  const last = Array.from({ length: 2 ** 17 - 4 }, (_, i) => standIns.addressOf(`s${i}`)).at(-1)
  expect(last).toBe('198.19.255.254')
})

test('an address is reused after an hour without use, the oldest first', () => {
  let nowMs = 0
  const standIns = new StandIns(must(addressRangeOf('192.0.2.0/24')), () => nowMs)
  for (let i = 0; i < 254; i++) standIns.addressOf(`s${i}`)
  nowMs = 1_800_000
  expect(() => standIns.addressOf('late')).toThrow('ENOBUFS')
  expect(standIns.serviceOf('192.0.2.1')).toBe('s0')
  nowMs = 3_600_000
  expect(standIns.addressOf('late')).toBe('192.0.2.2')
  expect(standIns.serviceOf('192.0.2.2')).toBe('late')
  expect(standIns.serviceOf('192.0.2.1')).toBe('s0')
  expect(standIns.addressOf('s1')).toBe('192.0.2.3')
})

test('ranges are networks of 8 to 24 bits', () => {
  expect(addressRangeOf('10.0.0.0/8')).toEqual({ first: 10 * 2 ** 24, size: 2 ** 24 })
  for (const text of ['', '10.0.0.0', '10.0.0.1/8', '10.0.0.0/25', '300.0.0.0/8', '10.0.0.0/7'])
    expect(addressRangeOf(text)).toBeUndefined()
})
