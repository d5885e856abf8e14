import type { KeyObject } from 'node:crypto'
import type { Stack } from '../sockets/stack.ts'

export interface AgentOptions {
  readonly stack: Stack
  /** Addresses of controllers, tried one after the other. Without any, the rules of the stack lead to one. */
  readonly controllers?: readonly string[]
  /** Routers want all rules, hosts those of what they ask for, which is what they take without. */
  readonly rules?: 'all' | 'asked'
  /** Whether what no rule names waits until the controller was asked: without it only what other rules delay. */
  readonly delays?: boolean
  readonly leaseMs?: number
  /** Of all services that this host registers: instances of the highest priority get flows, by weight. */
  readonly priority?: number
  readonly weight?: number
  /** Of a service that certifies itself; joins the stack's `keys`. */
  readonly key?: KeyObject
}

export interface Patience {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
}
