import type { Change, Packet, Story, Verdict } from './story.ts'

/** A packet in words: `RSYN(verno 3, ackno 2)`. */
export function packetText({ kind, fields, lost = false }: Packet): string {
  const inside = Object.entries(fields).map(([name, value]) => `${name} ${value}`)
  return `${kind}${inside.length > 0 ? `(${inside.join(', ')})` : ''}${lost ? ' lost' : ''}`
}

/** A register's change in words: `a.sndNxt 1→2`. */
export function changeText({ name, before, after }: Change): string {
  return `${name} ${before}→${after}`
}

/** The verdict as a sentence. */
export function verdictText(verdict: Verdict): string {
  if (verdict.outcome === 'holds') return 'holds: no invariant is broken in any step'
  return `violated in step ${verdict.step}: invariant ${verdict.invariant}, ${verdict.sentence}`
}

/** All hosts in drawing order: those announced, then whoever else steps or sends. */
export function participants({ hosts, steps }: Story): string[] {
  const named = steps.flatMap(({ host, packet }) => [host, ...(packet ? [packet.from, packet.to] : [])])
  return [...new Set([...hosts, ...named])].filter(name => name !== '')
}

/** Whether a step is the one that breaks the invariant. */
export function isViolation(verdict: Verdict, index: number): boolean {
  return verdict.outcome === 'violated' && verdict.step === index
}
