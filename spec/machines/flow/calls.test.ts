import { expect, test } from 'vitest'
import { flow } from './compiled.ts'

const sources = (event: string): string[] => [
  ...new Set(flow.transitions.filter(t => t.event === event).map(({ source }) => source)),
]

/** Applications act, and give up, if they like. No invariant asks that they can: who cannot breaks no rule. */
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
