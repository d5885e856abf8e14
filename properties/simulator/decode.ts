import { must } from '../../checker/text/at.ts'
import { faultOf, rangesOf } from './faults/table.ts'
import * as limits from './limits.ts'
import {
  type Connect,
  type FaultAction,
  type FlowAction,
  FORMAT,
  isFlowAction,
  isNamed,
  type Plan,
  planCodec,
} from './plan.ts'
import { named, parsePlan, shapedPlan, unknown, within } from './planFile.ts'

/** Reads a plan's text. Throws PLAN_JSON, PLAN_VERSION, PLAN_SHAPE, PLAN_RANGE and PLAN_NAME, never anything else. */
export const decodePlan = (text: string): Plan => planOf(parsePlan(text))

/** Checks a parsed plan. Throws PLAN_VERSION, PLAN_SHAPE, PLAN_RANGE and PLAN_NAME. */
export function planOf(json: unknown): Plan {
  const plan = shapedPlan(json, planCodec, FORMAT)
  assertPlan(plan)
  return plan
}

/** Checks what the types cannot express. Throws PLAN_RANGE and PLAN_NAME. */
export function assertPlan(plan: Plan): void {
  within('hosts', plan.hosts, 1, limits.MOST_HOSTS)
  within('routers', plan.routers ?? 0, 0, limits.MOST_ROUTERS)
  within('instances', plan.instances ?? 1, 1, plan.hosts)
  within('addresses', plan.addresses, 1, limits.MOST_ADDRESSES)
  within('seed', plan.seed, 0, limits.MOST_SEED)
  within('latencyMs', plan.latencyMs, 1, limits.MOST_LATENCY_MS)
  within('tries', plan.tries, 1, limits.ALL_TRIES)
  within('calmMs', plan.calmMs, 0, limits.MOST_MS)
  within('the number of actions', plan.actions.length, 0, limits.MOST_ACTIONS)
  const { reordering, reorderMs, jitterMs } = plan.faults
  within('faults.reorderMs', reorderMs, reordering > 0 ? 1 : 0, limits.MOST_LATENCY_MS)
  within('faults.jitterMs', jitterMs, 0, limits.MOST_LATENCY_MS)
  for (const [index, { host, lifetimeMs }] of (plan.nats ?? []).entries()) {
    named(`nats[${index}].host`, host, plan.hosts)
    within(`nats[${index}].lifetimeMs`, lifetimeMs, limits.LEAST_LIFETIME_MS, limits.MOST_MS)
    if (isNamed(plan)) throw unknown(`nats[${index}]: a host behind a translator finds nothing by name`)
  }
  const flows = new Set<number>()
  let before = 0
  for (const [index, action] of plan.actions.entries()) {
    const where = `actions[${index}]`
    within(`${where}.atMs`, action.atMs, before, plan.calmMs)
    before = action.atMs
    if (isFlowAction(action)) assertFlow(plan, action, flows, where)
    else assertFault(plan, action, where)
  }
}

function assertFlow(plan: Plan, action: FlowAction, flows: Set<number>, where: string): void {
  if (action.do === 'connect') {
    assertConnect(plan, action, where)
    if (flows.has(action.flow)) throw unknown(`${where}: flow ${action.flow} has begun already`)
    flows.add(action.flow)
    return
  }
  if (!flows.has(action.flow)) throw unknown(`${where}: flow ${action.flow} has not begun`)
  if ('address' in action) named(`${where}.address`, action.address, plan.addresses)
  if ('peerAddress' in action) named(`${where}.peerAddress`, action.peerAddress, plan.addresses)
  if (action.do === 'write') within(`${where}.bytes`, action.bytes, 1, limits.MOST_BYTES)
}

function assertConnect(plan: Plan, { flow, host, to, from, via }: Connect, where: string): void {
  within(`${where}.flow`, flow, 0, limits.MOST_FLOWS - 1)
  named(`${where}.host`, host, plan.hosts)
  named(`${where}.to`, to, plan.hosts)
  named(`${where}.from`, from, plan.addresses)
  named(`${where}.via`, via, plan.addresses)
  if (plan.nats?.some(nat => nat.host === to))
    throw unknown(`${where}.to is ${to}: it is behind a translator, so nobody connects to it`)
}

function assertFault(plan: Plan, action: FaultAction, where: string): void {
  const { hitsRouters } = faultOf(action.do)
  // Routers count on from the hosts. They offer nothing, and their addresses stay theirs.
  const count = hitsRouters ? plan.hosts + (plan.routers ?? 0) : plan.hosts
  if ('host' in action) named(`${where}.host`, action.host, count)
  if ('network' in action) named(`${where}.network`, action.network, plan.addresses)
  if ('to' in action) named(`${where}.to`, action.to, count)
  const numbers = action as unknown as Readonly<Record<string, number>>
  for (const [name, [least, most]] of Object.entries(rangesOf(action.do)))
    within(`${where}.${name}`, must(numbers[name]), least, most)
  if ('address' in action) named(`${where}.address`, action.address, plan.addresses)
  if ('to' in action && action.to === action.host) throw unknown(`${where}: both hosts are ${action.to}`)
}
