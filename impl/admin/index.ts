/**
 * Looking at running stacks from outside of their processes: flows, services, counters, moves, captures.
 * docs/commands.md tells what is said over the socket.
 */

export { type Control, openControl } from './adminSocket.ts'
export { ControlClient } from './client.ts'
export { type ControlCode, ControlError } from './errors.ts'
export { controlFolder } from './folder.ts'
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
