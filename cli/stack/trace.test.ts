import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { serviceIdOf } from '../../impl/host/services/serviceId.ts'
import { type Asked, judge, roots, trace } from './trace.ts'

const ID = serviceIdOf('acme/thing')

const rule = (prefix: string, bits: number, target: string, priority = 1, weight = 1) => ({
  ...{ prefix, bits, priority, weight, target },
  ...{ isPlain: target === 'demux' && bits < 256, packets: 0, bytes: 0, drops: 0 },
})
const at = (pid: number, ...rules: ReturnType<typeof rule>[]): Asked => ({
  ...{ pid, addresses: [`10.0.0.${pid}:54325`], rules },
})
const told = (steps: readonly { hop: number; pid: number; why: string }[]) =>
  steps.map(({ hop, pid, why }) => `${hop} ${pid} ${why}`)

test('the matching rule with the longest prefix decides, then priority, then weight', () => {
  const rules = [
    rule('acme/thing', 256, 'demux', 9, 0),
    rule('acme/thing', 64, 'forward 10.0.0.2:54325', 5, 3),
    rule('acme/thing', 64, 'forward 10.0.0.3:54325', 5),
    rule('acme/thing', 64, 'forward 10.0.0.4:54325', 4),
    rule('acme/other', 64, 'drop', 9),
    rule('acme', 32, 'delay', 9),
    rule('*', 0, 'forward 10.0.0.9:54325', 9),
  ]
  expect(judge(ID, rules).map(({ decides, why }) => [decides, why])).toEqual([
    [false, 'draining'],
    [true, 'longest prefix, 64 bits, 3 of 4 flows'],
    [true, 'longest prefix, 64 bits, 1 of 4 flows'],
    [false, 'another has a higher priority'],
    [false, 'another prefix is longer'],
    [false, 'another prefix is longer'],
  ])
})

describe('a resolution', () => {
  const server = at(3, rule('acme/thing', 256, 'demux'))

  test('follows rules from process to process, as far as their admin sockets answer', () => {
    const asked = [
      at(1, rule('*', 0, 'forward 10.0.0.2:54325')),
      at(2, rule('acme', 32, 'forward 10.0.0.3:54325')),
      server,
    ]
    expect(roots(ID, asked)).toEqual([asked[0]])
    expect(told(trace(ID, asked, must(asked[0])))).toEqual([
      '0 1 longest prefix, 0 bits; leads to process 2',
      '1 2 longest prefix, 32 bits; leads to process 3',
      '2 3 exactly this service',
    ])
    expect(told(trace(ID, asked.slice(0, 1), must(asked[0])))).toEqual([
      '0 1 longest prefix, 0 bits; no process of yours has this address',
    ])
  })

  test('shows each process of a loop once', () => {
    const asked = [
      at(1, rule('*', 0, 'forward 10.0.0.2:54325')),
      at(2, rule('*', 0, 'forward 10.0.0.1:54325')),
    ]
    expect(roots(ID, asked)).toEqual(asked)
    // Beside the ring, one that leads nowhere, and one that leads into it.
    expect(roots(ID, [...asked, at(3)])).toEqual(asked)
    const into = at(4, rule('acme', 32, 'forward 10.0.0.2:54325'))
    expect(roots(ID, [...asked, at(3), into])).toEqual([into])
    expect(told(trace(ID, asked, must(asked[0])))).toEqual([
      '0 1 longest prefix, 0 bits; leads to process 2',
      '1 2 longest prefix, 0 bits; leads to process 1, listed above',
    ])
  })

  test('ends where no rule matches', () => {
    expect(told(trace(ID, [at(1)], at(1)))).toEqual(['0 1 no rule matches, so the packet is refused'])
    const other = at(2, rule('acme/other', 256, 'demux'))
    expect(roots(ID, [at(1), other])).toEqual([at(1), other])
    const router = at(3, rule('*', 0, 'delay'))
    expect(roots(ID, [at(1), router, other])).toEqual([router])
    const drops = at(4, rule('acme', 32, 'drop'))
    expect(roots(ID, [at(1), router, other, drops])).toEqual([drops])
  })
})
