import type { Host } from '../sal/host.ts'
import { prefixOfId, serviceIdOf } from '../sal/serviceId.ts'

/** Flows that came through the listener of this host and are not over. */
export function flowsAt({ services }: Host, id: string): number {
  const own = services.targets(prefixOfId(serviceIdOf(id))).find(({ kind }) => kind === 'demux')
  return own?.kind === 'demux' ? own.listener.bySyn.size : 0
}
