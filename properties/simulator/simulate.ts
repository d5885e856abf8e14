/** A whole run of a plan, from its beginning to the silence after the last flow, and what it broke. */
import { act, tellRouters } from './act.ts'
import { comeBack } from './addressChanges.ts'
import { concludeEnding, concludeProgress, concludeSilence } from './conclude.ts'
import { type StackDefect, stackDefects } from './defects.ts'
import { PlanError } from './errors.ts'
import type { Finding } from './findings.ts'
import { ENDING_MS, PROGRESS_MS, SILENCE_MS } from './limits.ts'
import { restart } from './lives.ts'
import { excuseLost } from './lostNetwork.ts'
import type { Plan } from './plan.ts'
import type { RuleName } from './rules.ts'
import { Simulation, type SimulationObserver } from './simulation.ts'
import { addressOf } from './station.ts'

export interface SimulationResult {
  readonly verdict: 'holds' | 'violated'
  /** The first tells most; none when it holds. */
  readonly findings: readonly Finding<RuleName>[]
  /** SHA-256 of all packets in order, with their times and addresses: the same plan has the same. */
  readonly digest: string
  /** Steps of flows' machines, packets and their bytes, bytes that applications read, flows. */
  readonly steps: number
  readonly packets: number
  readonly bytes: number
  readonly heard: number
  readonly flows: number
  /** First packets that routers sent on, and packets that they relayed for moves. */
  readonly forwarded: number
  readonly relayed: number
  /** Flows that something excused: they need not end well. */
  readonly excused: number
  /** By number of the flow machine's transition, how often it was taken. */
  readonly taken: Uint32Array
}

/** Simulates a plan. Throws PLAN_NAME for an unknown defect; whatever the stack throws is a finding. */
export function simulate(plan: Plan, observer: SimulationObserver = {}): SimulationResult {
  const simulation = new Simulation(plan, defectOf(plan), observer)
  begin(simulation)
  const conversations = [...simulation.conversations.values()]
  const { list } = simulation.findings
  return {
    verdict: list.length === 0 ? 'holds' : 'violated',
    findings: list,
    digest: simulation.digest(),
    steps: simulation.watch.steps,
    packets: simulation.packets,
    bytes: simulation.bytes,
    heard: conversations.flatMap(({ ends }) => ends).reduce((sum, { speech }) => sum + speech.heard.bytes, 0),
    flows: conversations.length,
    forwarded: simulation.hops.forwarded,
    relayed: simulation.hops.relayed,
    excused: conversations.filter(({ isExcused }) => isExcused).length,
    taken: simulation.watch.taken,
  }
}

/** Simulates a plan until it breaks a rule. Returns that rule, or `undefined` if the run ends and breaks none. */
export function firstBroken(plan: Plan): RuleName | undefined {
  const simulation = new Simulation(plan, defectOf(plan), {}, { untilBroken: true })
  begin(simulation)
  return simulation.findings.list[0]?.rule
}

/** Runs a simulation to its end, or until it is over. Whatever the stack throws is a finding. */
function begin(simulation: Simulation): void {
  try {
    run(simulation)
  } catch (error) {
    simulation.findings.add(
      'thrown',
      simulation.now,
      (error as Error).stack?.split('\n').slice(0, 2).join(' ') ?? '',
    )
  }
}

function defectOf({ defect }: Plan): StackDefect | undefined {
  const found = stackDefects.find(({ id }) => id === defect)
  if (defect === undefined || found) return found
  const known = stackDefects.map(({ id }) => id).join(', ')
  throw new PlanError('PLAN_NAME', `there is no defect '${defect}' of the stack; there are ${known}`)
}

function run(simulation: Simulation): void {
  const { actions, calmMs } = simulation.plan
  for (const action of actions) {
    simulation.run(action.atMs)
    if (simulation.isOver) return
    simulation.observer.acted?.(action, simulation.now)
    act(simulation, action)
  }
  simulation.run(calmMs)
  calm(simulation)
  simulation.run(simulation.now + PROGRESS_MS)
  if (simulation.isOver) return
  concludeProgress(simulation)
  for (const { announcer, time } of simulation.stations) announcer?.close(time)
  for (const { ends } of simulation.conversations.values()) for (const end of ends) end.finish()
  simulation.run(simulation.now + ENDING_MS)
  if (simulation.isOver) return
  concludeEnding(simulation)
  for (const { ends } of simulation.conversations.values()) for (const end of ends) end.abort()
  simulation.run(simulation.now + SILENCE_MS)
  concludeSilence(simulation)
}

/** The network is well again, and everybody is back. */
function calm(simulation: Simulation): void {
  const lost = simulation.plan.addresses > 1 ? simulation.lostNetwork : undefined
  for (let network = 0; network < simulation.plan.addresses; network++)
    if (network !== lost) simulation.paths.darken(network, false)
  // A host that wakes runs actions that waited, and one of them may put a host to sleep again.
  while (simulation.stations.some(({ isAsleep }) => isAsleep))
    for (const station of simulation.stations) station.wake()
  for (const station of simulation.stations) {
    station.faulty.set({})
    station.nat?.limit(Number.POSITIVE_INFINITY)
    restart(simulation, station)
    simulation.listen(station)
    station.change(() => {
      for (let a = 0; a < simulation.plan.addresses; a++)
        comeBack(simulation, station, addressOf(station.index, a))
    })
    for (const other of simulation.stations) simulation.paths.heal(station.index, other.index)
  }
  if (lost !== undefined) excuseLost(simulation, lost)
  for (const { index } of simulation.stations) simulation.plane.weigh(index, 1)
  simulation.outages.follow(simulation)
  tellRouters(simulation)
  for (const conversation of simulation.conversations.values())
    if (
      simulation.plane.isNamed &&
      !conversation.isBegun &&
      !simulation.plane.canAnswer(conversation.plan.to)
    )
      conversation.excuse('who offers it has no address any more')
  for (const conversation of simulation.conversations.values()) {
    conversation.isPausedThere = false
    for (const end of conversation.ends) end.resume()
  }
}
