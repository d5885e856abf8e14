import { expect, test } from 'vitest'
import { everywhere } from '../../../checker/lower/testing/everywhere.ts'
import type { ConnectionEffect } from './compiled.ts'
import { CONNECTION_FIELDS, type ConnectionEvent } from './events.ts'
import { connectionMachine } from './machine.ts'
import { ENDED, JOIN_REASONS } from './reasons.ts'
import { connectionStep } from './step.ts'

/** An end of a connection whose first flow is flow 1. */
function end(opener: number) {
  const state = { ...connectionStep().initial(), opener, live: 1, confirmed: opener }
  return {
    state,
    on(event: ConnectionEvent): string[] {
      const effects: ConnectionEffect[] = []
      connectionStep().step(state, event, effects, [])
      return effects.map(effect => {
        if (effect.type === 'reject') return `reject: ${JOIN_REASONS[effect.params.reason]}`
        return [effect.type, ...Object.values(effect.params ?? {})].join(' ')
      })
    },
  }
}

/** An end with flows 1 and 2, which both ends have. */
function both(opener: number) {
  const one = end(opener)
  one.on(add(2))
  one.on({ type: 'UP', flow: 2 })
  one.on({ type: 'CONFIRMED', flow: 2 })
  return one
}

const down = (flow: number, why: number) => ({ type: 'DOWN', flow, why }) as const
const add = (flow: number, backup = 0) => ({ type: 'ADD', flow, backup }) as const
const join = (flow: number, proves: number, more: { known?: number; copies?: number; spent?: number } = {}) =>
  ({ type: 'JOIN', flow, proves, backup: 0, known: 0, copies: 0, spent: 0, ...more }) as const
const told = (version: number, proves: number, wishes = 0, backups = 0, named = 0) =>
  ({ type: 'ADVERTISED', version, proves, wishes, backups, named }) as const

test('steps like XState, in every state', () => {
  const { different, taken, steps } = everywhere(connectionMachine, connectionStep(), CONNECTION_FIELDS, {
    registers: {
      ...{ space: [4], opener: [0, 1], pending: [0, 6], live: [0, 2, 3, 6] },
      ...{ confirmed: [1], unwanted: [0, 2], wished: [2] },
      ...{ backups: [4], spared: [0] },
      ...{ finished: [0, 1], heard: [0, 1], version: [1], owed: [0, 1], peerVersion: [1] },
    },
    values: {
      ...{ flow: [0, 2, 4], flows: [0, 2], why: [1, 2], proves: [0, 1], known: [0, 1], wishes: [0, 2] },
      ...{ ended: [0, 1], backup: [0, 1], copies: [0], spent: [0, 1], backups: [0], named: [4] },
      version: [1, 2],
    },
  })
  expect(different).toEqual([])
  expect(steps).toBeGreaterThan(1000)
  expect(taken.size).toBe(connectionStep().transitions.length)
})

test('a SYN that joins needs a proof and room (invariant 33)', () => {
  const { on } = end(0)
  expect(on(join(2, 0))).toEqual(['reject: no proof of the keys'])
  expect(on(join(0, 1))).toEqual(['reject: no room'])
  expect(on(join(2, 1))).toEqual(['welcome 2'])
  expect(on(join(2, 1, { known: 1 }))).toEqual(['again'])
  expect(on({ type: 'UP', flow: 2 })).toEqual(['use 2', 'mark 0', 'close 0'])
})

const fin = (flow: number, ended = 1) => ({ type: 'FIN', flow, ended }) as const

test('one SYN begins two handshakes at most, and none once its flow has opened', () => {
  const { on } = end(0)
  expect(on(join(2, 1, { copies: 1 }))).toEqual(['welcome 2'])
  for (const more of [{ copies: 2 }, { spent: 1 }])
    expect(on(join(4, 1, more))).toEqual(['reject: no proof of the keys'])
})

test('a backup is one at both ends from its first packet on, until either end changes that', () => {
  const [joiner, accepter] = [end(1), end(0)]
  joiner.on(add(2, 1))
  expect(joiner.on({ type: 'UP', flow: 2 })).toEqual(['use 2', 'mark 2', 'close 0', 'advertise'])
  accepter.on({ ...join(2, 1), backup: 1 })
  // An older advertisement, which does not name the flow.
  accepter.on(told(1, 1, 0, 0, 1))
  expect(accepter.on({ type: 'UP', flow: 2 })).toEqual(['use 2', 'mark 2', 'close 0'])
  expect(joiner.on({ type: 'MARK', flow: 2, backup: 0 })).toEqual(['mark 0', 'advertise'])
  expect(accepter.on({ type: 'MARK', flow: 1, backup: 1 })).toEqual(['mark 3', 'advertise'])
  expect(accepter.on(told(2, 1, 0, 0, 3))).toEqual(['echo 2', 'adopt 0', 'mark 1'])
})

test('a backup is none if an advertisement that names it comes before its flow is connected', () => {
  const { on } = end(0)
  on({ ...join(2, 1), backup: 1 })
  on(told(2, 1, 0, 0, 3))
  expect(on({ type: 'UP', flow: 2 })).toEqual(['use 2', 'mark 0', 'close 0'])
})

test('a flow joins after this end has finished, and closes in this direction at once', () => {
  const { on } = end(0)
  expect(on({ type: 'CLOSE' })).toEqual(['close 1'])
  expect(on(join(2, 1))).toEqual(['welcome 2'])
  expect(on({ type: 'UP', flow: 2 })).toEqual(['use 2', 'mark 0', 'close 2'])
})

test('a flow joins after the peer has finished', () => {
  const { on } = end(1)
  expect(on(fin(1))).toEqual(['confirmEnd 1'])
  expect(on(add(2))).toEqual(['join 2'])
  expect(on({ type: 'UP', flow: 2 })).toEqual(['use 2', 'mark 0', 'close 0'])
})

test('no flow joins when both ends have finished, whichever does first', () => {
  for (const events of [[{ type: 'CLOSE' }, fin(1)] as const, [fin(1), { type: 'CLOSE' }] as const]) {
    const one = both(1)
    one.on(add(4))
    expect(events.flatMap(one.on).toSorted()).toEqual(['abort 4', 'close 3', 'confirmEnd 1'])
    expect(one.on(join(4, 1))).toEqual(['reject: not open'])
    expect(one.on(add(4))).toEqual(['reject: not open'])
    expect([one.on(down(1, ENDED.CLOSED)), one.on(down(2, ENDED.CLOSED))]).toEqual([['leave 1'], ['over 1']])
  }
})

test('a FIN before the end of the data ends its flow alone', () => {
  const one = both(1)
  expect(one.on(fin(2, 0))).toEqual([])
  expect(one.state.heard).toBe(0)
  expect(one.on(fin(1))).toEqual(['confirmEnd 1'])
})

test('the opener removes a flow, but not the last one (invariant 35)', () => {
  const { on } = both(1)
  expect(on({ type: 'REMOVE', flow: 1 })).toEqual(['abort 1'])
  expect(on(down(1, ENDED.CLOSED))).toEqual(['leave 1'])
  expect(on({ type: 'REMOVE', flow: 2 })).toEqual(['reject: the last flow'])
})

test('the accepter asks the opener to remove a flow', () => {
  const [accepter, opener] = [both(0), both(1)]
  expect(accepter.on({ type: 'REMOVE', flow: 1 })).toEqual(['advertise'])
  expect(accepter.on({ type: 'REMOVE', flow: 2 })).toEqual(['reject: the last flow'])
  expect(opener.on(told(1, 1, 1))).toEqual(['echo 1', 'adopt 1', 'mark 0'])
  expect(opener.on({ type: 'HEED', flow: 1 })).toEqual(['abort 1'])
  expect(accepter.on(down(1, ENDED.RESET))).toEqual(['leave 1', 'probe 2'])
})

test('when both ends remove a flow at once, that of the accepter stays until another one joins', () => {
  const opener = both(1)
  opener.on({ type: 'REMOVE', flow: 2 })
  opener.on(down(2, ENDED.CLOSED))
  opener.on(told(1, 1, 1))
  expect(opener.on({ type: 'HEED', flow: 1 })).toEqual([])
  opener.on(add(4))
  opener.on({ type: 'UP', flow: 4 })
  expect(opener.on({ type: 'HEED', flow: 1 })).toEqual([])
  expect(opener.on({ type: 'CONFIRMED', flow: 4 })).toEqual(['heed 1'])
  expect(opener.on({ type: 'HEED', flow: 1 })).toEqual(['abort 1'])
})

test('the opener removes a flow only when its peer has confirmed another one (invariant 35)', () => {
  const { on } = end(1)
  on(add(2))
  on({ type: 'UP', flow: 2 })
  expect(on({ type: 'REMOVE', flow: 1 })).toEqual(['probe 2'])
  expect(on({ type: 'HEED', flow: 1 })).toEqual([])
  expect(on({ type: 'REMOVE', flow: 2 })).toEqual(['reject: the last flow'])
  expect(on({ type: 'CONFIRMED', flow: 2 })).toEqual(['heed 1'])
  expect(on({ type: 'HEED', flow: 1 })).toEqual(['abort 1'])
})

test('the application keeps a flow whose removal takes too long', () => {
  const [opener, accepter] = [end(1), both(0)]
  opener.on(add(2))
  opener.on({ type: 'UP', flow: 2 })
  opener.on({ type: 'REMOVE', flow: 1 })
  expect(opener.on({ type: 'KEEP', flows: 1 })).toEqual(['heed 0'])
  expect(opener.on({ type: 'CONFIRMED', flow: 2 })).toEqual(['heed 0'])
  accepter.on({ type: 'REMOVE', flow: 1 })
  expect(accepter.on({ type: 'KEEP', flows: 1 })).toEqual(['advertise'])
  expect([accepter.state.unwanted, accepter.state.version]).toEqual([0, 2])
})

test('an end keeps several flows at once: no advertisement asks for the end of one of them', () => {
  const { on, state } = both(0)
  on(add(4))
  on({ type: 'UP', flow: 4 })
  on({ type: 'REMOVE', flow: 1 })
  on({ type: 'REMOVE', flow: 2 })
  expect(on({ type: 'KEEP', flows: 3 })).toEqual(['advertise'])
  expect([state.unwanted, state.version]).toEqual([0, 3])
})

test('a reset flow makes the end ask on the others; the death of the last one ends the connection', () => {
  const { on } = both(1)
  expect(on(down(1, ENDED.RESET))).toEqual(['leave 1', 'probe 2'])
  expect(on(down(2, ENDED.TIMED_OUT))).toEqual([`over ${ENDED.TIMED_OUT}`])
})

test('a connection waits for a flow that joins when its last live flow ends', () => {
  const [lucky, unlucky] = [end(0), end(0)]
  for (const { on } of [lucky, unlucky]) {
    on(join(2, 1))
    expect(on(down(1, ENDED.RESET))).toEqual(['leave 1', 'probe 0'])
  }
  expect(lucky.on({ type: 'UP', flow: 2 })).toEqual(['use 2', 'mark 0', 'close 0'])
  expect(unlucky.on(down(2, ENDED.TIMED_OUT))).toEqual([`over ${ENDED.TIMED_OUT}`])
})

test('a connection closes by a flow that joins, when no other is left', () => {
  const { on } = end(0)
  on(join(2, 1))
  on(down(1, ENDED.RESET))
  expect(on({ type: 'CLOSE' })).toEqual(['close 0'])
  expect(on({ type: 'UP', flow: 2 })).toEqual(['use 2', 'mark 0', 'close 2'])
})

test('an advertisement is repeated until its own version is echoed with a proof (invariant 34)', () => {
  const { on } = both(1)
  expect(on({ type: 'CHANGE' })).toEqual(['advertise'])
  on({ type: 'CHANGE' })
  for (const [version, proves] of [
    [1, 1],
    [2, 0],
  ] as const) {
    on({ type: 'ECHOED', version, proves })
    expect(on({ type: 'RETRY' })).toEqual(['advertise'])
  }
  on({ type: 'ECHOED', version: 2, proves: 1 })
  expect(on({ type: 'RETRY' })).toEqual([])
})

test('an advertisement counts only with a proof, and never takes the addresses back (invariant 34)', () => {
  const { on } = both(1)
  expect(on(told(2, 0))).toEqual([])
  expect(on(told(2, 1))).toEqual(['echo 2', 'adopt 0', 'mark 0'])
  expect(on(told(2, 1))).toEqual(['echo 2'])
  expect(on(told(1, 1))).toEqual([])
})

test('an abort resets all flows', () => {
  const { on } = both(0)
  on(join(4, 1))
  expect(on({ type: 'ABORT' })).toEqual(['abort 7', `over ${ENDED.ABORTED}`])
})
