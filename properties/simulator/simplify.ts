/** Ways to make a plan simpler that keep its actions: smaller worlds, fewer faults, rounder numbers. */
import { must } from '../../checker/text/at.ts'
import { rangesOf } from './faults/table.ts'
import { ALL_TRIES, MOST_MS } from './limits.ts'
import { type Action, isFlowAction, type Plan, type PlanFaults, type PlanNat } from './plan.ts'

/** Returns a simpler plan, or `undefined` if there is nothing to simplify here. Does not check that the plan is valid. */
export type Edit = (plan: Plan) => Plan | undefined

/** Returns edits that keep every action as it is, but for the numbers of hosts, flows and addresses in it. */
export const worldEdits = (plan: Plan): readonly Edit[] => [...faultEdits(plan), ...sizeEdits(plan)]

/** Returns edits of times and other numbers, for a plan with so many actions. */
export function numberEdits(plan: Plan): readonly Edit[] {
  return [
    ...plan.actions.flatMap((_, at) => actionEdits(plan, at)),
    ...lower(
      plan.latencyMs,
      1,
      now => now.latencyMs,
      (now, latencyMs) => ({ ...now, latencyMs }),
    ),
    now => (now.tries < ALL_TRIES ? { ...now, tries: ALL_TRIES } : undefined),
    now => {
      const calmMs = now.actions.at(-1)?.atMs ?? 0
      return calmMs < now.calmMs ? { ...now, calmMs } : undefined
    },
  ]
}

/** Edits that lower the number that `read` finds from `value` to simpler ones, but not below `least`. */
const lower = (
  value: number,
  least: number,
  read: (plan: Plan) => number,
  write: (plan: Plan, simpler: number) => Plan,
): Edit[] =>
  simplerThan(value, least).map(simpler => plan => (simpler < read(plan) ? write(plan, simpler) : undefined))

/** Returns numbers below `value` in rising order: the least, powers of ten, and `value` cut to one and two digits. */
function simplerThan(value: number, least: number): number[] {
  const numbers = [least]
  for (let power = 1; power < value; power *= 10) numbers.push(power)
  for (const unit of [must(numbers.at(-1)), must(numbers.at(-1)) / 10])
    numbers.push(Math.floor(value / unit) * unit)
  return [...new Set(numbers)].filter(n => Number.isInteger(n) && n >= least && n < value)
}

function faultEdits({ faults }: Plan): Edit[] {
  const names = Object.keys(faults) as (keyof PlanFaults)[]
  const clear = (these: readonly (keyof PlanFaults)[]): Edit => {
    const zeros = Object.fromEntries(these.map(name => [name, 0]))
    return plan =>
      these.some(name => plan.faults[name] > 0)
        ? { ...plan, faults: { ...plan.faults, ...zeros } }
        : undefined
  }
  return [clear(names), clear(['reordering', 'reorderMs']), ...names.map(name => clear([name]))]
}

/** Hosts, and routers after them. */
const stationsOf = ({ hosts, routers = 0 }: Plan): number => hosts + routers

function sizeEdits(plan: Plan): Edit[] {
  const { instances = 1, addresses } = plan
  const stations = Array.from({ length: stationsOf(plan) }, (_, station) => station)
  return [
    withoutIdle(() => true),
    ...[...stations].reverse().map(one => withoutIdle(station => station === one)),
    ...lower(
      instances,
      1,
      now => now.instances ?? 1,
      ({ instances: _, ...now }, fewer) => (fewer > 1 ? { ...now, instances: fewer } : now),
    ),
    ...lower(addresses, 1, now => now.addresses, withAddresses),
    withFlowsInOrder,
    ...natEdits(plan),
  ]
}

/** Removes translators, or makes them as open as they can be. */
function natEdits({ nats = [] }: Plan): Edit[] {
  const change =
    (host: number, edit: (nat: PlanNat) => readonly PlanNat[]): Edit =>
    ({ nats: _, ...now }) => {
      const rest = (_ ?? []).flatMap(nat => (nat.host === host ? edit(nat) : [nat]))
      return rest.length > 0 ? { ...now, nats: rest } : now
    }
  const open = { mapping: 'none', filtering: 'none', lifetimeMs: MOST_MS } as const
  return nats.flatMap(({ host }) => [
    change(host, () => []),
    change(host, nat => [{ ...nat, ...open }]),
    change(host, nat => [{ ...nat, lifetimeMs: MOST_MS }]),
  ])
}

const within = (address: number, addresses: number): number => Math.min(address, addresses - 1)

function withAddresses(plan: Plan, addresses: number): Plan {
  const actions = plan.actions.map(
    action =>
      ({
        ...action,
        ...('address' in action && { address: within(action.address, addresses) }),
        ...('from' in action && { from: within(action.from, addresses) }),
        ...('via' in action && { via: within(action.via, addresses) }),
        ...('network' in action && { network: within(action.network, addresses) }),
        ...('peerAddress' in action && { peerAddress: within(action.peerAddress, addresses) }),
      }) as Action,
  )
  return { ...plan, addresses, actions }
}

/** Numbers flows from 0 in the order in which they begin. */
function withFlowsInOrder(plan: Plan): Plan | undefined {
  const flows = plan.actions.flatMap(action => (action.do === 'connect' ? [action.flow] : []))
  if (flows.every((flow, at) => flow === at)) return undefined
  const actions = plan.actions.map(action =>
    'flow' in action ? { ...action, flow: flows.indexOf(action.flow) } : action,
  )
  return { ...plan, actions }
}

/** Edits of the action at `at`: the time since the one before it, and its numbers. */
function actionEdits(plan: Plan, at: number): Edit[] {
  const action = must(plan.actions[at])
  const least = {
    ...{ address: 0, from: 0, via: 0, bytes: 1 },
    ...Object.fromEntries(
      Object.entries(isFlowAction(action) ? {} : rangesOf(action.do)).map(([name, [from]]) => [name, from]),
    ),
  }
  return [
    ...lower(
      gapBefore(plan, at),
      0,
      now => gapBefore(now, at),
      (now, gapMs) => withGap(now, at, gapMs),
    ),
    ...Object.entries(least).flatMap(([field, from]) => {
      const read = (of: Action): number => (of as unknown as Partial<Record<string, number>>)[field] ?? 0
      const write = (now: Plan, value: number): Plan => ({
        ...now,
        actions: now.actions.with(at, { ...must(now.actions[at]), [field]: value } as Action),
      })
      return lower(read(action), from, now => read(must(now.actions[at])), write)
    }),
  ]
}

const gapBefore = ({ actions }: Plan, at: number): number =>
  must(actions[at]).atMs - (actions[at - 1]?.atMs ?? 0)

/** Moves the action at `at` to `gapMs` after the one before it, and all that follows with it. */
function withGap(plan: Plan, at: number, gapMs: number): Plan {
  const earlierMs = gapBefore(plan, at) - gapMs
  const actions = plan.actions.map((action, index) =>
    index < at ? action : { ...action, atMs: action.atMs - earlierMs },
  )
  return { ...plan, actions, calmMs: plan.calmMs - earlierMs }
}

/** Removes stations to which no action does anything, if `may` allows it. */
function withoutIdle(may: (station: number) => boolean): Edit {
  return plan => {
    const { hosts, routers = 0, instances = 1 } = plan
    const busy = new Set(
      plan.actions.flatMap(action => [
        ...('host' in action ? [action.host] : []),
        ...('to' in action ? [action.to] : []),
      ]),
    )
    const kept = Array.from({ length: stationsOf(plan) }, (_, station) => station).filter(
      station => busy.has(station) || !may(station),
    )
    if (kept.length === stationsOf(plan)) return undefined
    const { routers: _, instances: __, nats = [], ...rest } = plan
    const keptNats = nats
      .filter(({ host }) => kept.includes(host))
      .map(nat => ({ ...nat, host: kept.indexOf(nat.host) }))
    const few = {
      routers: kept.filter(s => s >= hosts).length,
      instances: kept.filter(s => s < instances).length,
    }
    return {
      ...rest,
      hosts: kept.length - few.routers,
      ...(routers > 0 && few.routers > 0 && { routers: few.routers }),
      ...(instances > 1 && few.instances > 1 && { instances: few.instances }),
      ...(keptNats.length > 0 && { nats: keptNats }),
      actions: plan.actions.map(
        action =>
          ({
            ...action,
            ...('host' in action && { host: kept.indexOf(action.host) }),
            ...('to' in action && { to: kept.indexOf(action.to) }),
          }) as Action,
      ),
    }
  }
}
