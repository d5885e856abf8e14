/**
 * The log of a stack's steps, version 1: a header, steps in order of time, and an end, each one line of JSON.
 * impl/host/stepLog.ts writes it. Addresses, nonces and states are names in the log, and numbers once decoded.
 */
import * as t from 'io-ts'
import { integer } from '../../checker/trace/format.ts'
import { initialRegisters } from '../../spec/machines/flow/registers.ts'

/** The only version of the format that this decoder reads. */
export const STEPS_FORMAT = 1

export const headerCodec = t.type({
  format: t.literal(STEPS_FORMAT),
  /** The machine that took the steps. */
  steps: t.literal('flow'),
  /** Hash of the step that the stack executed. */
  machine: t.string,
})

const fields = t.record(t.string, t.union([t.string, integer], 'a name or an integer'))
const typed = t.intersection([t.type({ type: t.string }), fields])

const registers = t.type(
  Object.fromEntries(
    [...Object.keys(initialRegisters), 'connection', 'migration'].map(name => [name, integer]),
  ),
)

/** A step of a flow. */
export const stepCodec = t.type({
  /** Milliseconds since 1970. */
  ms: t.number,
  flow: integer,
  event: typed,
  /** Ids of the transitions that were taken, in order. */
  fired: t.array(t.string),
  effects: t.array(typed),
  /** Registers and states after the step. */
  after: registers,
})

/** How often the flow's last step was repeated; `ms` is the time of the last repetition. */
export const againCodec = t.type({ ms: t.number, flow: integer, again: integer })

export const endCodec = t.type({
  /** `full`: later steps were not written. */
  end: t.keyof({ closed: null, full: null }),
  /** Lines before this one, the header included. */
  lines: integer,
})

export type RecordedStep = t.TypeOf<typeof stepCodec>
export type Again = t.TypeOf<typeof againCodec>
export type RecordedEnd = t.TypeOf<typeof endCodec>
