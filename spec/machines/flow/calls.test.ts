import { expect, test } from 'vitest'
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
] as const)('%s is heeded in %s', ([event, states]) => {
  expect(sources(event)).toEqual(states.split(' '))
})
