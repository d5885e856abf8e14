import { describe, expect, test } from 'vitest'
import { flow } from './compiled.ts'

const sources = (event: string): string[] => [
  ...new Set(flow.transitions.filter(t => t.event === event).map(({ source }) => source)),
]

/**
 * Calls of the application, and giving up. No invariant requires that they are possible, so a state without one
 * violates nothing.
 */
test.for([
  ['LISTEN', 'INIT'],
  ['CONNECT', 'INIT'],
  ['SEND', 'CONNECTED FINWAIT1 FINWAIT2 CLOSEWAIT'],
  ['CLOSE', 'LISTEN REQUEST RESPOND CONNECTED CLOSEWAIT'],
  ['ABORT', 'REQUEST CONNECTED FINWAIT1 FINWAIT2 CLOSING CLOSEWAIT LASTACK'],
  ['MOVE', 'INITIAL RSYN_SENT RSYN_RECV RSYN_SENT_RECV'],
  ['GIVEUP', 'REQUEST RESPOND FINWAIT1 FINWAIT2 CLOSING LASTACK INITIAL RSYN_SENT RSYN_RECV RSYN_SENT_RECV'],
  ['DEAD', 'FINWAIT2'],
] as const)('%s is heeded in %s', ([event, states]) => {
  expect(sources(event)).toEqual(states.split(' '))
})

/** Effects for hosts alone: worlds do nothing about them, so no invariant asks for them. */
describe('what only a host carries out', () => {
  const asking = (effect: string): string[] =>
    flow.transitions.filter(t => t.actions.some(({ name }) => name === effect)).map(({ id }) => id)
  const those = (rule: (t: (typeof flow.transitions)[number]) => boolean): string[] =>
    flow.transitions.filter(rule).map(({ id }) => id)
  const arms = ({ actions }: (typeof flow.transitions)[number]): boolean =>
    actions.some(({ name }) => name === 'arm')

  test('the timer starts for another packet where an end acts, and where it gives up a move', () => {
    const found = those(t => arms(t) && ['MOVE', 'CLOSE', 'GIVEUP'].includes(t.event))
    expect(found.length).toBeGreaterThan(10)
    expect(asking('renew')).toEqual(found)
  })

  test('the transport reads what ends a handshake, unless that is its own data', () => {
    const ends = (source: string) =>
      those(
        t => t.source === source && ['CONNECTED', 'CLOSEWAIT'].includes(t.target ?? '') && t.event !== 'DATA',
      )
    expect(asking('readSynAck')).toEqual(ends('REQUEST'))
    expect(asking('readAck')).toEqual(ends('RESPOND'))
    expect(ends('RESPOND').length).toBe(4)
  })
})
