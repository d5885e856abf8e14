import { describe, expect, test } from 'vitest'
import { parseAddress, printAddress } from '../link/address.ts'
import { type FlowPolicy, type Known, needless, wantedFlows } from './flowPolicy.ts'

const places = (text: string) =>
  text
    .split(' ')
    .filter(Boolean)
    .map(one => parseAddress(one, 1))
const pairs = (text: string) =>
  text
    .split(' ')
    .filter(Boolean)
    .map(one => {
      const [from = '', to = ''] = one.split('>')
      return { from: parseAddress(from, 1), to: parseAddress(to, 1) }
    })
const host = (address: number) => printAddress(address).replace(':1', '')

/** Returns what a policy adds, such as `10.0.0.1>10.0.0.2`. */
function wanted(
  policy: FlowPolicy | undefined,
  locals: string,
  remotes: string,
  flows: string,
  failed = '',
  joining = '',
) {
  const gone = failed.split(' ')
  const known: Known = {
    locals: places(locals),
    remotes: places(remotes),
    flows: pairs(flows),
    joining: pairs(joining),
    hasFailed: ({ from, to }) => gone.includes(`${host(from)}>${host(to)}`),
  }
  return wantedFlows(policy, known).map(({ from, to }) => `${host(from)}>${host(to)}`)
}

describe('the policy all', () => {
  test('adds a flow from each other address', () => {
    expect(wanted('all', '10.0.0.1 10.1.0.1', '10.0.0.2', '10.0.0.1>10.0.0.2')).toEqual(['10.1.0.1>10.0.0.2'])
  })

  test('adds a flow to each other address of the peer, from the address that is most alike', () => {
    const both = ['10.0.0.1 10.1.0.1', '10.0.0.2 10.1.0.2'] as const
    expect(wanted('all', ...both, '10.0.0.1>10.0.0.2')).toEqual(['10.1.0.1>10.1.0.2'])
    expect(wanted('all', ...both, '10.0.0.1>10.0.0.2 10.1.0.1>10.1.0.2')).toEqual([])
  })

  test('tries other ends after a failure, and nothing when all have failed', () => {
    const given = ['10.0.0.1 10.1.0.1', '10.0.0.2 10.1.0.2', '10.0.0.1>10.0.0.2'] as const
    expect(wanted('all', ...given, '10.1.0.1>10.1.0.2')).toEqual(['10.0.0.1>10.1.0.2', '10.1.0.1>10.0.0.2'])
    expect(wanted('all', ...given, '10.1.0.1>10.1.0.2 10.0.0.1>10.1.0.2 10.1.0.1>10.0.0.2')).toEqual([])
  })

  test('tries a better pair while another one gets no answer, and only then', () => {
    const one = ['10.0.0.1 10.1.0.1', '10.0.0.2 10.1.0.2', '10.0.0.1>10.0.0.2', ''] as const
    expect(wanted('all', ...one, '10.1.0.1>10.0.0.2')).toEqual(['10.1.0.1>10.1.0.2'])
    expect(wanted('all', ...one, '10.1.0.1>10.0.0.2 10.1.0.1>10.1.0.2')).toEqual([])
    expect(wanted('failover', ...one, '10.1.0.1>10.0.0.2')).toEqual(['10.1.0.1>10.1.0.2'])
    expect(wanted('failover', ...one, '10.1.0.1>10.1.0.2')).toEqual([])
  })

  test('gives up a pair that still joins when connected flows use both of its addresses', () => {
    const [flows, joining] = [
      pairs('10.0.0.1>10.0.0.2 10.1.0.1>10.1.0.2'),
      pairs('10.1.0.1>10.0.0.2 10.2.0.1>10.0.0.2'),
    ]
    expect(needless({ flows, joining })).toEqual(pairs('10.1.0.1>10.0.0.2'))
  })

  test('joins no families, and no loopback to other machines', () => {
    expect(wanted('all', '10.0.0.1 127.0.0.1 [fd00::1]', '10.0.0.2', '10.0.0.1>10.0.0.2')).toEqual([])
  })

  test('wants four flows at most', () => {
    const many = '10.0.0.1 10.1.0.1 10.2.0.1 10.3.0.1 10.4.0.1 10.5.0.1'
    expect(wanted('all', many, '10.0.0.2', '10.0.0.1>10.0.0.2')).toHaveLength(3)
  })
})

describe('the policy failover', () => {
  test('adds one flow, from another address if there is one', () => {
    expect(wanted('failover', '10.0.0.1 10.1.0.1', '10.0.0.2 10.1.0.2', '10.0.0.1>10.0.0.2')).toEqual([
      '10.1.0.1>10.1.0.2',
    ])
    expect(wanted('failover', '10.0.0.1', '10.0.0.2 10.1.0.2', '10.0.0.1>10.0.0.2')).toEqual([
      '10.0.0.1>10.1.0.2',
    ])
  })

  test('adds a third flow if the second shares an address with the first, and a better pair has not failed', () => {
    const given = ['10.0.0.1 10.1.0.1', '10.0.0.2 10.1.0.2', '10.0.0.1>10.0.0.2 10.1.0.1>10.0.0.2'] as const
    expect(wanted('failover', ...given)).toEqual(['10.1.0.1>10.1.0.2'])
    expect(wanted('failover', ...given, '10.1.0.1>10.1.0.2')).toEqual([])
    const apart = '10.0.0.1>10.0.0.2 10.1.0.1>10.1.0.2'
    expect(wanted('failover', '10.0.0.1 10.1.0.1', '10.0.0.2 10.1.0.2', apart)).toEqual([])
  })

  test('adds none on the same path, and none that shares as much as the second flow', () => {
    expect(wanted('failover', '10.0.0.1', '10.0.0.2', '10.0.0.1>10.0.0.2')).toEqual([])
    expect(
      wanted('failover', '10.0.0.1 10.1.0.1 10.2.0.1', '10.0.0.2', '10.0.0.1>10.0.0.2 10.1.0.1>10.0.0.2'),
    ).toEqual([])
  })
})

test.each(['one', undefined] as const)('the policy %s adds nothing', policy => {
  expect(wanted(policy, '10.0.0.1 10.1.0.1', '10.0.0.2 10.1.0.2', '10.0.0.1>10.0.0.2')).toEqual([])
})
