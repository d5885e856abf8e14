/**
 * The trace file, version 1. A trace is a list of choices: replay needs only `steps[].choice`, in order. The
 * rest is for people, and shows where a changed machine does something else.
 */
import * as t from 'io-ts'

/** The version of the format that this version writes and reads. */
export const FORMAT = 1

const isInteger = (u: unknown): u is number => Number.isSafeInteger(u)

export const integer = new t.Type<number>(
  'an integer',
  isInteger,
  (u, context) => (isInteger(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
)

const value = t.union([integer, t.string], 'a number or a name')

/** The fields of a packet. Addresses, flowIDs and nonces are small numbers; 0 is none. */
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
    /** The choice: the rule's label, which names packets by kind and direction. */
    choice: t.string,
    /** The flow that acted; empty when none did. */
    who: t.string,
    /**
     * The event that the flow's machine received; empty if it received none, or none that it handles in its
     * state.
     */
    event: t.string,
    /** Packets that entered the network. */
    sent: t.array(packet),
    /** Names of the transitions taken, in order. */
    fired: t.array(t.string),
    /** Registers that changed, before and after. The network is left out. */
    changes: t.record(t.string, t.tuple([value, value])),
    /** Ids of the invariants that the step, or the state after it, violates. */
    failed: t.array(t.string),
  }),
  /** The packet that the step delivers, loses or duplicates. */
  t.partial({ packet }),
])

export const traceCodec = t.intersection([
  t.type({
    format: t.literal(FORMAT),
    title: t.string,
    model: t.string,
    /** Every bound of the model. */
    bounds: t.record(t.string, integer),
    /** A hash of the rules that the trace was recorded on, defect included. */
    machine: t.string,
    source: t.keyof({ check: null, fuzz: null, hand: null }),
    expect: t.keyof({ violated: null, holds: null }),
    steps: t.array(step),
  }),
  t.partial({
    /** The seeded defect. */
    defect: t.string,
    /** The seed of the fuzzing run that found the trace. */
    seed: integer,
    /** The property that the trace is about. Present if `expect` is `violated`. */
    invariant: t.string,
    /** `recovery`: the goal of that recovery cannot be reached from the last state. */
    kind: t.keyof({ invariant: null, deadlock: null, recovery: null, liveness: null }),
    /**
     * `liveness`: how many steps lead to the cycle. The steps after them are repeated forever; if there are none,
     * the run stops.
     */
    loop: integer,
  }),
])

/** A trace: choices to replay, with the model, bounds and defect that they were made in (docs/traces.md). */
export type Trace = t.TypeOf<typeof traceCodec>
/** A step of a trace: the rule taken, and what it changed and sent, for people. */
export type TraceStep = t.TypeOf<typeof step>
export type TracePacket = t.TypeOf<typeof packet>
