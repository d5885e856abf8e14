import type { Host } from '../sal/host.ts'
import { prefixOfId, serviceIdOf } from '../sal/serviceId.ts'
import type { Registrant } from './registrants.ts'

/** What the controller is to be told of an instance's flows; nothing when it knows. */
export function countOf(host: Host, one: Registrant) {
  const { id, service, instance } = one
  const flows = flowsAt(host, id)
  if (flows === one.flows) return []
  one.flows = flows
  return [{ service, instance, flows }]
}

/** Flows that came through the listener of this host and are not over. */
function flowsAt({ services }: Host, id: string): number {
  const own = services.targets(prefixOfId(serviceIdOf(id))).find(({ kind }) => kind === 'demux')
  return own?.kind === 'demux' ? own.listener.bySyn.size : 0
}
