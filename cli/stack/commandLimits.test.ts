import { expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { CommandLimits } from './commandLimits.ts'

test('one client address gets half of the commands, all together the limit, and a command that ends makes room', () => {
  const limits = new CommandLimits(4)
  const ends = ['192.0.2.1', '192.0.2.1'].map(host => must(limits.begin(host, 0)))
  expect(limits.begin('192.0.2.1', 0)).toBeUndefined()
  expect(limits.begin('2001:db8::1', 0)).toBeDefined()
  expect(limits.begin('2001:db8::2', 0)).toBeDefined()
  expect(limits.begin('192.0.2.3', 0)).toBeUndefined()
  at(ends, 0)()
  expect(limits.begin('2001:db8::3', 0)).toBeUndefined()
  expect(limits.begin('192.0.2.3', 0)).toBeDefined()
})

test('commands that end immediately start no faster than the rate limit', () => {
  const limits = new CommandLimits()
  const started = (nowMs: number) => {
    let count = 0
    for (let end = limits.begin('192.0.2.1', nowMs); end; end = limits.begin('192.0.2.1', nowMs)) {
      count++
      end()
    }
    return count
  }
  expect([started(0), started(1000), started(1020)]).toEqual([100, 50, 1])
})
