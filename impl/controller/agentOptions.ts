import type { KeyObject } from 'node:crypto'
import type { Stack } from '../sockets/stack.ts'
import type { ControllerAt } from './controllerAt.ts'
import type { Credential } from './credentials.ts'

/** The options of an agent. */
export interface AgentOptions {
  readonly stack: Stack
  /** Controllers, tried in order: `192.0.2.1`, or as in `controllerAt`. Without any, the stack's rules lead to one. */
  readonly controllers?: readonly (string | ControllerAt)[]
  /** Routers take all rules, hosts only those of services that they ask for. Default `asked`. */
  readonly rules?: 'all' | 'asked'
  /**
   * Whether packets for a service without a rule wait while the host asks the controller. Otherwise only rules to wait
   * do that.
   */
  readonly delays?: boolean
  readonly leaseMs?: number
  /** For all services that this host registers: new flows go to instances of the highest priority, by weight. */
  readonly priority?: number
  readonly weight?: number
  /** The key of a keyed service. Added to the stack's `keys`. */
  readonly key?: KeyObject
  /** For names that belong to a key (docs/authority.md). `agent.authorize` replaces them. */
  readonly credentials?: readonly Credential[]
}

export interface Patience {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
}
