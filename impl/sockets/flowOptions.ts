/** The options of sockets, servers and stacks about the flows of a connection. */
import { SCHEDULERS, type SchedulerName } from '../transport/stream/bundle/scheduler.ts'
import { socketError } from './errors.ts'
import { FLOW_POLICIES, type FlowPolicy } from './flowPolicy.ts'

export interface FlowOptions {
  /**
   * Which flows a connection gets by itself: `one`, `failover` (another one as a backup), `all` (one for each address of either
   * end). Default: none, but the peer may add some.
   */
  readonly flows?: FlowPolicy | undefined
  /** How the flows share the data that this end sends. Default `minRtt`. */
  readonly scheduler?: SchedulerName | undefined
}

/** Returns the two options alone. Throws ERR_INVALID_ARG_VALUE. */
export function flowOptions({ flows, scheduler }: FlowOptions): FlowOptions {
  check('flows', flows, FLOW_POLICIES)
  check('scheduler', scheduler, SCHEDULERS)
  return { flows, scheduler }
}

/** Applies the options of a socket, and those of its stack where it has none, to a connection. */
export function share(handle: Sharing, own: FlowOptions, stack: { readonly flowOptions: FlowOptions }): void {
  const { flows = stack.flowOptions.flows, scheduler = stack.flowOptions.scheduler } = own
  if (scheduler !== undefined) handle.transport.scheduler = scheduler
  handle.share(flows)
}

/** A connection that may have several flows. */
interface Sharing {
  readonly transport: { scheduler: SchedulerName }
  share(policy: FlowPolicy | undefined): void
}

function check(name: string, value: unknown, known: readonly string[]): void {
  if (value === undefined || known.includes(value as string)) return
  const shown = typeof value === 'string' ? `'${value.slice(0, 40)}'` : typeof value
  const sentence = `${name} is ${shown}; give ${known.map(one => `'${one}'`).join(', ')}`
  throw socketError('ERR_INVALID_ARG_VALUE', name, { sentence })
}
