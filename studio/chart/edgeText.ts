import type { Edge } from './chart.ts'

/** A transition without its ends, in one line: `ACK, DATA [acksNew] / advanceUna; disarm(rto)`. */
export function edgeText(edge: Edge): string {
  return `${triggerText(edge)}${edge.actions.length === 0 ? '' : ` / ${edge.actions.join('; ')}`}`
}

/** What a transition waits for: `ACK, DATA [acksNew]`, and `(reenters)` where it leaves and enters its own state. */
export function triggerText({ events, guard, reenters }: Edge): string {
  return `${events.join(', ')}${guard === '' ? '' : ` [${guard}]`}${reenters ? ' (reenters)' : ''}`
}
