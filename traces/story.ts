import type { Packet, Story, Step as StoryStep, Verdict } from '../studio/trace/story.ts'
import { encodePacket } from './encode.ts'
import type { Trace, TracePacket, TraceStep } from './format.ts'
import { sentenceOf } from './record.ts'
import type { Setting } from './setting.ts'

/**
 * A trace as what the studio draws. An arrow is drawn where a packet arrives or is lost, since that may be long after
 * it was sent and in any order; what is sent stands in the step's note.
 */
export function storyOf(trace: Trace, { parts }: Pick<Setting, 'parts'>): Story {
  const senders = new Map<string, string>()
  const hostAt = (address: number) =>
    parts.find(({ addresses }) => addresses.includes(address))?.name ?? `address ${address}`
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
      ...noteOf(step),
    }
  })
  return {
    title: trace.title,
    hosts: parts.map(({ name }) => name),
    initial: [],
    steps,
    verdict: verdictOf(trace),
  }
}

function arrow({ rule }: TraceStep, packet: TracePacket, from: string, to: string): Packet {
  const { kind, verno, ackno, nonce, fin } = packet
  const [path, flow] = [`${packet.from}>${packet.to}`, `${packet.srcFlow}>${packet.dstFlow}`]
  const fields = { path, flow, verno, ackno, nonce, ...(fin === 1 ? { fin } : {}) }
  return { kind, from, to, fields, lost: rule === 'lose' }
}

function noteOf({ sent, failed }: TraceStep): { note?: string } {
  const sends = sent.map(
    ({ kind, from, to, verno, ackno }) => `sends ${kind} ${from}>${to} v${verno} a${ackno}`,
  )
  const notes = [...sends, ...failed.map(id => `breaks ${id}`)]
  return notes.length > 0 ? { note: notes.join('; ') } : {}
}

function verdictOf({ expect, invariant, kind, steps }: Trace): Verdict {
  if (expect === 'holds' || invariant === undefined || kind === undefined) return { outcome: 'holds' }
  const breaking = kind === 'recovery' ? undefined : steps.find(({ failed }) => failed.includes(invariant))
  return {
    outcome: 'violated',
    invariant,
    sentence: sentenceOf(invariant, kind),
    step: breaking?.index ?? steps.length,
  }
}
