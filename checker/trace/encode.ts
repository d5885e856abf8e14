import type { Trace, TracePacket, TraceStep } from './format.ts'

/**
 * Returns the text of a trace file. The same trace gives the same text, with one line for each step, so that
 * differences are easy to read.
 */
export function encode(trace: Trace): string {
  const { format, title, model, bounds, defect, machine, source, seed, expect, invariant, kind, loop } = trace
  const header = {
    format,
    title,
    model,
    bounds,
    defect,
    machine,
    source,
    seed,
    expect,
    invariant,
    kind,
    loop,
  }
  const lines = Object.entries(header).flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${JSON.stringify(key)}: ${JSON.stringify(value)},`],
  )
  const steps = trace.steps.map(step => `    ${encodeStep(step)}`)
  const list = steps.length === 0 ? '[]' : `[\n${steps.join(',\n')}\n  ]`
  return `{\n${lines.join('\n')}\n  "steps": ${list}\n}\n`
}

/** Returns one step as one line. Absent parts are left out. */
function encodeStep(step: TraceStep): string {
  const { index, rule, choice, who, event, packet, sent, fired, changes, failed } = step
  const packets = { ...(packet ? { packet: inOrder(packet) } : {}), sent: sent.map(inOrder) }
  return JSON.stringify({ index, rule, choice, who, event, ...packets, fired, changes, failed })
}

/** Returns a packet as text. Equal packets give equal texts. */
export const encodePacket = (packet: TracePacket): string => JSON.stringify(inOrder(packet))

function inOrder(packet: TracePacket): TracePacket {
  const { kind, from, to, ...others } = packet
  return { kind, from, to, ...others }
}
