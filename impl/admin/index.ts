/**
 * Inspects running stacks from other processes: flows, services, counters, moves, captures. docs/commands.md describes
 * the protocol.
 */

export { type AdminSocket, openAdminSocket } from './adminSocket.ts'
export { AdminClient } from './client.ts'
export { type AdminCode, AdminError } from './errors.ts'
export { adminFolder } from './folder.ts'
export type {
  Captured,
  FlowFact,
  Method,
  Moved,
  Params,
  Result,
  RuleFact,
  RuleForAll,
  ServiceFact,
} from './methods.ts'
export { FLOW_PATTERN, printFlowId } from './methods.ts'
export { openRunning, type Running } from './running.ts'
