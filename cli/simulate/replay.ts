/** Replays a plan into files that people look at: a capture of all hosts' packets, and a sequence diagram. */
import { captureBlocks, captureHeader } from '../../impl/link/pcapng.ts'
import type { Plan } from '../../properties/simulator/plan.ts'
import { type PacketTap, recordPlan } from '../../properties/simulator/recording.ts'
import { type SimulationResult, simulate } from '../../properties/simulator/simulate.ts'
import { traceHtml } from '../../studio/trace/traceHtml.ts'
import { assertWritable, writeBytes, writeText } from '../files.ts'
import { storyOfRun } from './storyOfRun.ts'

export interface ReplayFiles {
  /** A pcapng file, with an interface for each host. */
  readonly capture?: string | undefined
  /** An HTML page. */
  readonly diagram?: string | undefined
}

/** Simulates a plan and writes the requested files. Throws PLAN_NAME, CLI_WRITE. */
export function replayPlan(title: string, plan: Plan, { capture, diagram }: ReplayFiles): SimulationResult {
  for (const path of [capture, diagram]) if (path !== undefined) assertWritable(path)
  if (capture === undefined && diagram === undefined) return simulate(plan)
  const pieces: Uint8Array[] = [captureHeader(namesOf(plan))]
  const tap: PacketTap = (host, datagram, direction, timeMs) => {
    pieces.push(captureBlocks([datagram], direction, timeMs, host))
  }
  const recording = recordPlan(plan, capture === undefined ? undefined : tap)
  if (capture !== undefined) writeBytes(capture, Buffer.concat(pieces))
  if (diagram !== undefined) writeText(diagram, traceHtml(storyOfRun(title, plan, recording)))
  return recording.simulation
}

const namesOf = ({ hosts, routers = 0 }: Plan): readonly string[] =>
  Array.from({ length: hosts + routers }, (_, at) => (at < hosts ? `host ${at}` : `router ${at - hosts}`))
