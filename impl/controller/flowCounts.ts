import type { Host } from '../host/host.ts'
import { servicePrefixOf } from '../host/services/serviceId.ts'
import type { Question } from './messages.ts'
import type { Registrant } from './registrants.ts'

/** Rows per line; names may be long. */
const ROWS = 64

/** Returns the flow counts of instances that the controller does not yet know. */
export function statisticsOf(host: Host, registrants: Iterable<Registrant>): Question[] {
  const instances = [...registrants].flatMap(one => countOf(host, one))
  const questions: Question[] = []
  for (let from = 0; from < instances.length; from += ROWS)
    questions.push({ type: 'statistics', instances: instances.slice(from, from + ROWS) })
  return questions
}

function countOf(host: Host, one: Registrant) {
  const { id, service, instance, place } = one
  // A listener's flows count once, whatever address its clients used.
  const flows = place === 0 ? flowsAt(host, id) : 0
  if (flows === one.flows) return []
  one.flows = flows
  return [{ service, instance, flows }]
}

/** Returns the number of flows that came through this host's listener and are still open. */
function flowsAt({ services }: Host, id: string): number {
  const own = services.targets(servicePrefixOf(id)).find(({ kind }) => kind === 'demux')
  return own?.kind === 'demux' ? own.listener.flows : 0
}
