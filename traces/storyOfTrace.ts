import { encodePacket } from '../checker/trace/encode.ts'
import type { Trace, TracePacket, TraceStep } from '../checker/trace/format.ts'
import type { TracedModel } from '../checker/trace/model.ts'
import { labelOf, propertyOf } from '../checker/trace/property.ts'
import type { Setting } from '../checker/trace/setting.ts'
import type { Packet, Story, StoryStep, Verdict } from '../studio/trace/story.ts'

/**
 * Converts a trace to the form that the studio draws. An arrow stands where a packet arrives or is lost, because that may
 * be long after it was sent, and in any order. The step's note lists the packets that it sends.
 */
export function storyOf(trace: Trace, { actors, model }: Pick<Setting, 'actors' | 'model'>): Story {
  const senders = new Map<string, string>()
  const hostAt = (address: number) =>
    actors.find(({ addresses }) => addresses.includes(address))?.name ?? `address ${address}`
  const steps = trace.steps.map((step): StoryStep => {
    const { index, rule, choice, who, event, packet, fired, changes } = step
    const from = packet ? (senders.get(encodePacket(packet)) ?? hostAt(packet.from)) : ''
    for (const sent of step.sent) senders.set(encodePacket(sent), who)
    return {
      index,
      rule: packet ? rule : choice,
      host: who,
      event,
      ...(packet ? { packet: arrow(step, packet, from, who || hostAt(packet.to)) } : {}),
      changes: Object.entries(changes).map(([name, [before, after]]) => ({ name, before, after })),
      fired,
      ...noteOf(step, model),
    }
  })
  return {
    title: trace.title,
    hosts: actors.map(({ name }) => name),
    initial: [],
    steps,
    ...(trace.loop === undefined ? {} : { loop: trace.loop + 1 }),
    verdict: verdictOf(trace, model),
  }
}

function arrow({ rule }: TraceStep, packet: TracePacket, from: string, to: string): Packet {
  const { kind, from: source, to: destination, srcFlow, dstFlow, fin, ...rest } = packet
  const fields = {
    path: `${source}>${destination}`,
    ...(srcFlow === undefined ? {} : { flow: `${srcFlow}>${dstFlow}` }),
    ...rest,
    ...(fin === 1 ? { fin } : {}),
  }
  return { kind, from, to, fields, lost: rule === 'lose' }
}

function noteOf({ sent, failed }: TraceStep, model: TracedModel): { note?: string } {
  const sends = sent.map(packet => `sends ${packetText(packet)}`)
  const notes = [...sends, ...failed.map(id => `violates ${labelOf(propertyOf(model, id, 'invariant'))}`)]
  return notes.length > 0 ? { note: notes.join('; ') } : {}
}

/** Returns a packet as one line, such as `RSYN 2>3 v15 a10`. */
export const packetText = ({ kind, from, to, verno, ackno }: TracePacket): string =>
  `${kind} ${from}>${to}${verno === undefined ? '' : ` v${verno} a${ackno}`}`

function verdictOf({ expect, invariant, kind, steps }: Trace, model: TracedModel): Verdict {
  if (expect === 'holds' || invariant === undefined || kind === undefined) return { outcome: 'holds' }
  const property = propertyOf(model, invariant, kind)
  const breaking =
    kind === 'recovery' || kind === 'liveness'
      ? undefined
      : steps.find(({ failed }) => failed.includes(invariant))
  return {
    outcome: 'violated',
    property: labelOf(property),
    sentence: property.sentence,
    step: breaking?.index ?? steps.length,
  }
}
