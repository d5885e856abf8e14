/** All faults. To add one: its action in `plan.ts`, and its row here. */
import type { FaultAction } from '../plan.ts'
import { changesHands, returns, vanishes } from './addresses.ts'
import { jumps, skews, stalls, suspends } from './clocks.ts'
import type { Fault } from './fault.ts'
import { attacks, crashes, listens, restarts, unlistens, weighs } from './hosts.ts'
import { exhausts, rebinds, relieves } from './nat.ts'
import { darkens, lightens } from './networks.ts'
import { cuts, deafens, heals, narrows, throttles } from './paths.ts'

export type FaultName = FaultAction['do']

const FAULTS: { readonly [K in FaultName]: Fault<Extract<FaultAction, { do: K }>> } = {
  vanish: vanishes,
  return: returns,
  reassign: changesHands,
  cut: cuts,
  heal: heals,
  crash: crashes,
  restart: restarts,
  unlisten: unlistens,
  listen: listens,
  weigh: weighs,
  attack: attacks,
  narrow: narrows,
  deafen: deafens,
  throttle: throttles,
  stall: stalls,
  suspend: suspends,
  skew: skews,
  jump: jumps,
  blackout: darkens,
  restore: lightens,
  rebind: rebinds,
  exhaust: exhausts,
  relieve: relieves,
}

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[]

/** Returns the row of a fault, for any action with its name. */
export const faultOf = (name: FaultName): Fault<FaultAction> => FAULTS[name] as unknown as Fault<FaultAction>

/** Returns the least and the largest value of each number of a fault. */
export const rangesOf = (name: FaultName): Readonly<Record<string, readonly [least: number, most: number]>> =>
  (faultOf(name).ranges ?? {}) as Readonly<Record<string, readonly [number, number]>>
