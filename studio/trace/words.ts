import type { Change, Packet, Story } from './story.ts'

/** Returns a packet in words: `RSYN(verno 3, ackno 2)`. */
export function packetText({ kind, fields, lost = false }: Packet): string {
  const inside = Object.entries(fields).map(([name, value]) => `${name} ${value}`)
  return `${kind}${inside.length > 0 ? `(${inside.join(', ')})` : ''}${lost ? ' lost' : ''}`
}

/** Returns a register's change in words: `a.sndNxt 1→2`. */
export function changeText({ name, before, after }: Change): string {
  return `${name} ${before}→${after}`
}

/** Returns what becomes of a run that has no end, in words; empty for other runs. */
function loopText({ loop, steps }: Story): string {
  if (loop === undefined) return ''
  if (loop > steps.length) return 'The run stops here forever: no assumption forces another step.'
  return loop === steps.length
    ? `Step ${loop} is repeated forever.`
    : `Steps ${loop} to ${steps.length} are repeated forever.`
}

/** Whether a step is one of those that are repeated forever. */
export function isRepeated({ loop }: Story, index: number): boolean {
  return loop !== undefined && index >= loop
}

/** Returns the verdict, and the sentence of a violated property. */
export function verdictText({ verdict, ...story }: Story): string {
  if (verdict.outcome === 'holds') return 'holds: no step violates a property'
  if (story.loop !== undefined)
    return `violated: ${verdict.property}. ${verdict.sentence} ${loopText({ ...story, verdict })}`
  return `violated: ${verdict.property}, at step ${verdict.step}. ${verdict.sentence}`
}

/** Returns all hosts in drawing order: those that the story lists, then others that step or send. */
export function participants({ hosts, steps }: Story): string[] {
  const named = steps.flatMap(({ host, packet }) => [host, ...(packet ? [packet.from, packet.to] : [])])
  return [...new Set([...hosts, ...named])].filter(name => name !== '')
}

/** Whether a step is the one that violates the property. A run without end has no such step. */
export function isViolation({ verdict, loop }: Story, index: number): boolean {
  return loop === undefined && verdict.outcome === 'violated' && verdict.step === index
}
