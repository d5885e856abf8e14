/** Compares an end of the stack's connection with the model's. */
import { at } from '../../../checker/text/at.ts'
import { ENDS } from '../../../spec/machines/connection/states.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { bit, FLOWS, type FlowsWorld, SEEN, VERSIONS } from '../../../spec/worlds/flows/state.ts'
import type { Difference } from '../compare.ts'
import { type Ends, FURTHER } from './ends.ts'

const REGISTERS = ['flows', 'finished', 'heard', 'owed'] as const
const CIRCLES = ['version', 'peerVersion'] as const
const SETS = ['pending', 'live', 'confirmed', 'unwanted', 'wished', 'backups', 'spared'] as const

const { REQUEST, RESPOND, CONNECTED, FINWAIT1, FINWAIT2, CLOSEWAIT, LASTACK, TIMEWAIT, CLOSED } = CONNECTION

/** The states of a flow that an end sees so. */
const STATES: Readonly<Record<number, readonly (number | undefined)[]>> = {
  [SEEN.NONE]: [undefined],
  [SEEN.JOINING]: [REQUEST],
  [SEEN.WAITING]: [RESPOND],
  [SEEN.UP]: [CONNECTED],
  [SEEN.SHUT]: [FINWAIT1, FINWAIT2],
  [SEEN.GOT]: [CLOSEWAIT],
  [SEEN.LAST]: [LASTACK],
  [SEEN.GONE]: [TIMEWAIT, CLOSED],
  [SEEN.DEAD]: [CLOSED],
}

export function compareEnd(e: number, w: FlowsWorld, ends: Ends): Difference | undefined {
  const end = at(w.end, e)
  const { state, peerAddresses } = at(ends.connections, e)
  const different = (part: string, model: unknown, stack: unknown): Difference => ({
    part: `end[${e}].${part}`,
    model: String(model),
    stack: String(stack),
  })
  for (const f of FLOWS) {
    const real = ends.flow(e, f)?.connection
    const seen = at(end.sees, f)
    if (!STATES[seen]?.includes(real)) return different(`sees[${f}]`, seen, real)
  }
  for (const name of REGISTERS) if (end[name] !== state[name]) return different(name, end[name], state[name])
  for (const name of CIRCLES)
    if (end[name] !== state[name] % VERSIONS) return different(name, end[name], state[name])
  for (const name of SETS) {
    const [model, stack] = [
      end[name] & comparable(name, e, w),
      setOf(state[name], e, ends) & comparable(name, e, w),
    ]
    if (model !== stack) return different(name, model, stack)
  }
  const knows = peerAddresses.has(at(FURTHER, 1 - e)) ? 1 : 0
  if (end.knows !== knows) return different('knows', end.knows, knows)
  return end.flows === ENDS.OPEN ? compareBackups(e, w, ends, different) : undefined
}

/** The owners of transports hear of each flow whether it is a backup. */
function compareBackups(
  e: number,
  { end }: FlowsWorld,
  ends: Ends,
  different: (part: string, model: unknown, stack: unknown) => Difference,
): Difference | undefined {
  const { live, backups, spared } = at(end, e)
  for (const f of FLOWS) {
    const flow = ends.flow(e, f)
    if (flow === undefined || (live & bit(f)) === 0) continue
    const model = ((backups | spared) & bit(f)) !== 0
    const stack = ends.backups.get(flow) ?? false
    if (model !== stack) return different(`backup of flow ${f}`, model, stack)
  }
  return undefined
}

/**
 * The flows of a set that can be compared. What the peer says of a flow that this end does not have, only the model keeps; and the mark
 * of a join that both ends' close has ended stays in both, but names no flow of the stack any more. In CLOSING nothing reads `confirmed`.
 */
function comparable(name: (typeof SETS)[number], e: number, w: FlowsWorld): number {
  const { flows, live, pending } = at(w.end, e)
  if (name === 'confirmed' && flows === ENDS.CLOSING) return 0
  return name === 'wished' || name === 'spared' || name === 'backups' ? live | pending : -1
}

/** Returns a set of flows by the model's numbers. A flow that the model does not have is its bit 3. */
function setOf(set: number, e: number, ends: Ends): number {
  const connection = at(ends.connections, e)
  let [found, rest] = [0, set]
  for (const f of FLOWS) {
    const flow = ends.flow(e, f)
    const one = flow === undefined ? 0 : connection.bitOf(flow)
    if ((set & one) !== 0) found |= bit(f)
    rest &= ~one
  }
  return rest === 0 ? found : found | bit(FLOWS.length)
}
