import type { Trace, TracePacket, TraceStep } from './format.ts'

/** A trace file's text: the same trace is the same text, and a step is a line, so that differences read well. */
export function encode(trace: Trace): string {
  const { format, title, model, bounds, defect, machine, source, seed, expect, invariant, kind } = trace
  const header = { format, title, model, bounds, defect, machine, source, seed, expect, invariant, kind }
  const lines = Object.entries(header).flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${JSON.stringify(key)}: ${JSON.stringify(value)},`],
  )
  const steps = trace.steps.map(step => `    ${encodeStep(step)}`)
  const list = steps.length === 0 ? '[]' : `[\n${steps.join(',\n')}\n  ]`
  return `{\n${lines.join('\n')}\n  "steps": ${list}\n}\n`
}

/** One step on one line. Parts that are not there are left out. */
export function encodeStep(step: TraceStep): string {
  const { index, rule, choice, who, event, packet, sent, fired, changes, failed } = step
  const packets = { ...(packet ? { packet: inOrder(packet) } : {}), sent: sent.map(inOrder) }
  return JSON.stringify({ index, rule, choice, who, event, ...packets, fired, changes, failed })
}

/** A packet as text, the same for the same packet. */
export const encodePacket = (packet: TracePacket): string => JSON.stringify(inOrder(packet))

function inOrder(packet: TracePacket): TracePacket {
  const { kind, from, to, ...others } = packet
  return { kind, from, to, ...others }
}
