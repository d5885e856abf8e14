/**
 * The trace file, version 1. A trace is choices: `steps[].choice`, in order, is all that replay needs. Everything else
 * is for people, and lets replay notice where a changed machine does something else.
 */
import * as t from 'io-ts'

/** The version of the format that is written and read here. */
export const FORMAT = 1

const isInteger = (u: unknown): u is number => Number.isSafeInteger(u)

export const integer = new t.Type<number>(
  'an integer',
  isInteger,
  (u, context) => (isInteger(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
)

const value = t.union([integer, t.string], 'a number or a name')

/** A packet by its fields; addresses, flowIDs and nonces are small numbers, 0 is none. */
const packet = t.intersection([
  t.type({ kind: t.string, from: integer, to: integer }),
  t.record(t.string, value),
])

const step = t.intersection([
  t.type({
    /** From 1. */
    index: integer,
    /** The family of rules, such as `deliver`. */
    rule: t.string,
    /** The choice: the rule's label, which names messages by kind and direction. */
    choice: t.string,
    /** The flow that acted; empty when none did. */
    who: t.string,
    /** The event that its machine saw; empty when it saw none, or none that it knows in its state. */
    event: t.string,
    /** Packets that entered the network. */
    sent: t.array(packet),
    /** Names of the transitions taken, in order. */
    fired: t.array(t.string),
    /** Registers that changed: before and after, the network left out. */
    changes: t.record(t.string, t.tuple([value, value])),
    /** Ids of the invariants that the step, or the state after it, breaks. */
    failed: t.array(t.string),
  }),
  /** The packet in the network that the step is about: delivered, lost, duplicated. */
  t.partial({ packet }),
])

export const traceCodec = t.intersection([
  t.type({
    format: t.literal(FORMAT),
    title: t.string,
    model: t.string,
    /** Every bound of the model. */
    bounds: t.record(t.string, integer),
    /** Hash of the rules that the trace was recorded on, defect included. */
    machine: t.string,
    source: t.keyof({ check: null, fuzz: null, hand: null }),
    expect: t.keyof({ violated: null, holds: null }),
    steps: t.array(step),
  }),
  t.partial({
    /** The defect that was put in. */
    defect: t.string,
    /** The seed of the fuzzing that found it. */
    seed: integer,
    /** What the trace is about; always there when `expect` is `violated`. */
    invariant: t.string,
    /** `recovery`: from the last state the goal of that number can no longer be reached. */
    kind: t.keyof({ invariant: null, deadlock: null, recovery: null }),
  }),
])

export type Trace = t.TypeOf<typeof traceCodec>
export type TraceStep = t.TypeOf<typeof step>
export type TracePacket = t.TypeOf<typeof packet>
