import { expect, test } from 'vitest'
import { assign, setup } from 'xstate'
import { LowerError } from './errors.ts'
import type { Interface } from './kinds.ts'
import { stepFunction } from './standalone.ts'
import { lower } from './step.ts'

interface Args {
  context: { peer: number; local: number; count: number; verno: number }
  event: { from: number; size: number; ackno: number }
}

const io: Interface = {
  fields: { GO: ['from', 'size', 'ackno'] },
  opaque: ['peer', 'local', 'from'],
  wide: ['verno', 'ackno'],
}

/** Returns the rejection of a machine with one transition. */
function rejection(part: {
  guard?: (args: Args) => boolean
  assign?: Record<string, ((args: Args) => number) | number>
  params?: (args: Args) => Record<string, number>
}): LowerError | undefined {
  const machine = setup({
    types: {} as { context: Args['context']; events: { type: 'GO' } & Args['event'] },
    guards: { tested: part.guard ?? (() => true) },
    actions: { stored: assign(part.assign ?? {}), effect: () => {} },
  }).createMachine({
    id: 'small',
    context: { peer: 0, local: 0, count: 0, verno: 0 },
    initial: 'HERE',
    states: {
      HERE: {
        on: {
          GO: {
            guard: 'tested',
            actions: ['stored', { type: 'effect', params: part.params }],
          },
        },
      },
    },
  })
  try {
    stepFunction(lower(machine), io)
  } catch (error) {
    if (error instanceof LowerError) return error
    throw error
  }
  return undefined
}

const accepted = { code: undefined, where: undefined }
const opaque = (where: string) => ({ code: 'LOWER_OPAQUE', where: `small.HERE GO, ${where}` })
const tooWide = (where: string) => ({ code: 'LOWER_TYPE', where: `small.HERE GO, ${where}` })

/** Returns the parts of an error apart from its text. */
const told = (e: LowerError | undefined) => ({ code: e?.code, where: e?.where })

test('identifiers may be compared with each other and with 0, and copied', () => {
  const copied = {
    guard: ({ context, event }: Args) => context.peer !== 0 && event.from === context.local,
    assign: {
      local: ({ context, event }: Args) => (context.count > 0 ? context.peer : event.from),
      peer: 0,
      count: ({ context, event }: Args) => (context.peer === event.from ? 1 : 0),
    },
    params: ({ context }: Args) => ({ to: context.peer }),
  }
  expect(told(rejection(copied))).toEqual(accepted)
})

test.each([
  ['ordered', ({ context, event }: Args) => context.peer < event.from],
  ['compared with a constant', ({ event }: Args) => event.from === 3],
  ['compared with a number', ({ context, event }: Args) => event.from === context.count],
  ['computed with', ({ context }: Args) => (context.peer + 1) % 2 === 0],
  ['masked', ({ context }: Args) => (context.peer & 1) !== 0],
  [
    'ordered on the way',
    ({ context }: Args) => {
      const p = context.peer
      if (p > 2) return true
      return false
    },
  ],
])('a guard in which an identifier is %s is rejected', (_, guard) => {
  const error = rejection({ guard })
  expect(told(error)).toEqual(opaque('guard'))
  expect(error?.source).toBe(String(guard))
})

test.each([
  ['an identifier in a number', { count: ({ event }: Args) => event.from }],
  ['a number in an identifier', { peer: ({ event }: Args) => event.size }],
  ['a constant in an identifier', { peer: 7 }],
  ['either of both', { peer: ({ context, event }: Args) => (context.count > 0 ? event.from : event.size) }],
])('%s is rejected', (_, assignment) => {
  expect(told(rejection({ assign: assignment }))).toEqual(opaque('action stored'))
})

test('an identifier that leaves under another kind is rejected', () => {
  expect(told(rejection({ params: ({ event }) => ({ to: event.from * 2 }) }))).toEqual(
    opaque('action effect'),
  )
})

test('arithmetic on wide numbers is accepted, and bit operators on them are rejected', () => {
  const arithmetic = { verno: ({ event }: Args) => (event.ackno + 1) % 2 ** 32 }
  // 2 ** 32 is not in the discipline: a power is written as a constant of the scope, or a register.
  expect(rejection({ assign: arithmetic })?.code).toBe('LOWER_SYNTAX')
  expect(told(rejection({ assign: { verno: ({ event }) => (event.ackno + 1) % 4294967296 } }))).toEqual(
    accepted,
  )
  expect(told(rejection({ assign: { verno: ({ event }) => event.ackno | 1 } }))).toEqual(
    tooWide('action stored'),
  )
  expect(told(rejection({ assign: { count: ({ event }) => event.ackno } }))).toEqual(tooWide('action stored'))
  expect(told(rejection({ guard: ({ context }) => context.verno >> 1 === 0 }))).toEqual(tooWide('guard'))
})
