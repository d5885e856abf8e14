import type { Change, Packet, Story, Verdict } from './story.ts'

/** Returns a packet in words: `RSYN(verno 3, ackno 2)`. */
export function packetText({ kind, fields, lost = false }: Packet): string {
  const inside = Object.entries(fields).map(([name, value]) => `${name} ${value}`)
  return `${kind}${inside.length > 0 ? `(${inside.join(', ')})` : ''}${lost ? ' lost' : ''}`
}

/** Returns a register's change in words: `a.sndNxt 1→2`. */
export function changeText({ name, before, after }: Change): string {
  return `${name} ${before}→${after}`
}

/** Returns the verdict, and the sentence of a violated property. */
export function verdictText(verdict: Verdict): string {
  if (verdict.outcome === 'holds') return 'holds: no step violates a property'
  return `violated: ${verdict.property}, at step ${verdict.step}. ${verdict.sentence}`
}

/** Returns all hosts in drawing order: those that the story lists, then others that step or send. */
export function participants({ hosts, steps }: Story): string[] {
  const named = steps.flatMap(({ host, packet }) => [host, ...(packet ? [packet.from, packet.to] : [])])
  return [...new Set([...hosts, ...named])].filter(name => name !== '')
}

/** Whether a step is the one that violates the property. */
export function isViolation(verdict: Verdict, index: number): boolean {
  return verdict.outcome === 'violated' && verdict.step === index
}
