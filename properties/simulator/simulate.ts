/** A whole run of a plan, from its beginning to the silence after the last flow, and what it broke. */
import { act, divide, restart, tellRouters } from './act.ts'
import { concludeEnding, concludeProgress, concludeSilence } from './conclude.ts'
import { type StackDefect, stackDefects } from './defects.ts'
import { PlanError } from './errors.ts'
import type { Finding, RuleName } from './findings.ts'
import { ENDING_MS, PROGRESS_MS, SILENCE_MS } from './limits.ts'
import { comeBack } from './places.ts'
import type { Plan } from './plan.ts'
import { addressOf } from './station.ts'
import { type Witness, World } from './world.ts'

export interface Simulation {
  readonly verdict: 'holds' | 'violated'
  /** The first tells most; none when it holds. */
  readonly findings: readonly Finding[]
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
export function simulate(plan: Plan, witness: Witness = {}): Simulation {
  const world = new World(plan, defectOf(plan), witness)
  begin(world)
  const conversations = [...world.conversations.values()]
  const { list } = world.findings
  return {
    verdict: list.length === 0 ? 'holds' : 'violated',
    findings: list,
    digest: world.digest(),
    steps: world.watch.steps,
    packets: world.packets,
    bytes: world.bytes,
    heard: conversations.flatMap(({ ends }) => ends).reduce((sum, { speech }) => sum + speech.heard.bytes, 0),
    flows: conversations.length,
    forwarded: world.hops.forwarded,
    relayed: world.hops.relayed,
    excused: conversations.filter(({ isExcused }) => isExcused).length,
    taken: world.watch.taken,
  }
}

/** Simulates a plan until it breaks a rule. Returns that rule, or `undefined` if the run ends and breaks none. */
export function firstBroken(plan: Plan): RuleName | undefined {
  const world = new World(plan, defectOf(plan), {}, { untilBroken: true })
  begin(world)
  return world.findings.list[0]?.rule
}

/** Runs a world to its end, or until it is over. Whatever the stack throws is a finding. */
function begin(world: World): void {
  try {
    run(world)
  } catch (error) {
    world.findings.add('thrown', world.now, (error as Error).stack?.split('\n').slice(0, 2).join(' ') ?? '')
  }
}

function defectOf({ defect }: Plan): StackDefect | undefined {
  const found = stackDefects.find(({ id }) => id === defect)
  if (defect === undefined || found) return found
  const known = stackDefects.map(({ id }) => id).join(', ')
  throw new PlanError('PLAN_NAME', `there is no defect '${defect}' of the stack; there are ${known}`)
}

function run(world: World): void {
  const { actions, calmMs } = world.plan
  for (const action of actions) {
    world.run(action.atMs)
    if (world.isOver) return
    world.witness.acted?.(action, world.now)
    act(world, action)
  }
  world.run(calmMs)
  calm(world)
  world.run(world.now + PROGRESS_MS)
  if (world.isOver) return
  concludeProgress(world)
  for (const { announcer } of world.stations) announcer?.close(world.now)
  for (const { ends } of world.conversations.values()) for (const end of ends) end.finish(world.now)
  world.run(world.now + ENDING_MS)
  if (world.isOver) return
  concludeEnding(world)
  for (const { ends } of world.conversations.values()) for (const end of ends) end.abort(world.now)
  world.run(world.now + SILENCE_MS)
  concludeSilence(world)
}

/** The network is well again, and everybody is back. */
function calm(world: World): void {
  for (const station of world.stations) {
    station.faulty.set({})
    restart(world, station)
    world.listen(station)
    for (let a = 0; a < world.plan.addresses; a++) comeBack(world, station, addressOf(station.index, a))
    for (const other of world.stations) divide(world, station, other, false)
  }
  for (const { index } of world.stations) world.plane.weigh(index, 1)
  world.outages.follow(world)
  tellRouters(world)
  for (const conversation of world.conversations.values())
    if (world.plane.isNamed && !conversation.isBegun && !world.plane.canAnswer(conversation.plan.to))
      conversation.excuse('who offers it has no address any more')
  for (const conversation of world.conversations.values()) {
    conversation.isPausedThere = false
    for (const end of conversation.ends) end.resume()
  }
}
