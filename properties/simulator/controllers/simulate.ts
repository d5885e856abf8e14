/** A whole run of the service plane in virtual time, and what it broke. */

import type { Finding } from '../findings.ts'
import { act } from './act.ts'
import { planeDefect } from './defects.ts'
import { Judge } from './judge.ts'
import { serviceOf } from './members.ts'
import type { PlanePlan } from './plan.ts'
import type { PlaneRule } from './rules.ts'
import { VirtualTime } from './virtualTime.ts'
import { World } from './world.ts'

/** How often everything is judged, ms. */
const JUDGE_MS = 1000
/** How often the client asks for each service, ms: often enough that no router forgets it. */
const ASK_MS = 7000

export interface PlaneResult {
  readonly verdict: 'holds' | 'violated'
  readonly findings: readonly Finding<PlaneRule>[]
  /** Simulated time, ms. */
  readonly ms: number
  readonly steps: number
  /** How often a service was compared with what is true, and answers that the client has got. */
  readonly compared: number
  readonly answers: number
}

/** Simulates a plan. `untilBroken` ends the run at its first finding. */
export async function simulatePlane(plan: PlanePlan, untilBroken = false): Promise<PlaneResult> {
  const time = new VirtualTime()
  const uninstall = planeDefect(plan.defect)?.install()
  const world: World = new World(plan, time, controller => judge.opened(controller))
  const judge = new Judge(world)
  let answers = 0
  try {
    await time.use(async () => {
      for (const member of world.all) member.start()
      schedule(world, () => answers++)
      while (time.now < plan.calmMs && !(untilBroken && judge.findings.list.length > 0)) {
        await time.advance(time.now + JUDGE_MS)
        judge.check()
      }
      for (const member of world.all) member.kill()
    })
  } catch (error) {
    judge.findings.add('thrown', time.now, (error as Error).stack?.split('\n').slice(0, 3).join(' ') ?? '')
  } finally {
    uninstall?.()
  }

  function schedule(world: World, answered: () => void): void {
    for (const action of plan.actions) time.at(action.atMs, () => act(world, action))
    const ask = (): void => {
      for (let number = 0; number < plan.services; number++) {
        const [service, askedMs] = [serviceOf(number), time.now]
        world.client.ask(service, (name, code) => {
          answered()
          judge.answered(service, askedMs, name, code)
        })
      }
      time.at(time.now + ASK_MS, ask)
    }
    time.at(ASK_MS, ask)
  }

  const { list } = judge.findings
  return {
    ...{ verdict: list.length === 0 ? 'holds' : 'violated', findings: list, ms: time.now },
    ...{ steps: time.steps, compared: judge.compared, answers },
  }
}
