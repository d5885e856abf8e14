/** Traces for tests: two ends connect and the client moves, with or without a defect. */

import type { Trace } from '../../checker/trace/format.ts'
import type { Catalogue } from '../../checker/trace/model.ts'
import { type About, recordTrace } from '../../checker/trace/record.ts'
import { Recorder } from '../../checker/trace/recorder.ts'
import { type Replay, replay } from '../../checker/trace/replay.ts'
import { settingOf, type Variant } from '../../checker/trace/setting.ts'
import { credulous, wedged } from '../../properties/defects/broken.ts'
import { models } from '../../spec/worlds/index.ts'
import type { Model } from '../../spec/worlds/model.ts'
import type { SalSetting } from '../catalogue.ts'

export const catalogue: Catalogue<Model> = { models, defects: [credulous, wedged] }

export const connecting = [
  'connect client',
  'deliver SYN 1>3 flow 1>0 v14 a0 n1',
  'deliver SYNACK 3>1 flow 2>1 v9 a15 n2',
]
export const moving = [...connecting, 'deliver ACK 1>3 flow 1>2 v15 a10 n1', 'move client to 2']
/** The choices that violate invariant 19 on the credulous machine. */
export const superseded = [
  ...connecting,
  'move client to 2',
  'deliver RSYN 2>3 flow 1>2 v15 a10 n1',
  'close client',
  'deliver RSYNACK 3>2 flow 2>1 v10 a0 n2',
]

/** Makes the choices that begin with these labels, in a small `two-party`. */
export function follow(labels: readonly string[], defect?: string, about: Partial<About> = {}): Trace {
  const setting = small(defect)
  const recorder = new Recorder(setting)
  const rules = labels.map(label => {
    const choice = recorder.choices().find(enabled => enabled.label.startsWith(label))
    if (!choice) throw new Error(`cannot '${label}', but ${recorder.choices().map(c => c.label)}`)
    recorder.take(choice)
    return choice.rule
  })
  return recordTrace(setting, rules, { source: 'hand', ...about })
}

const settings = new Map<string, SalSetting>()

/** Returns the setting of a `two-party`, the same for each call: lowering it takes longer than most tests. */
export function small(
  defect?: string,
  bounds: Variant['bounds'] = { capacity: 2, serverMoves: 0, aborts: 0 },
): SalSetting {
  const variant = { model: 'two-party', bounds, ...(defect !== undefined && { defect }) }
  const key = JSON.stringify(variant)
  const setting = settings.get(key) ?? settingOf(variant, catalogue)
  settings.set(key, setting)
  return setting
}

/** Replays a trace in the setting that other tests share. */
export const replayed = (trace: Trace): Promise<Replay> =>
  replay(trace, catalogue, small(trace.defect, trace.bounds))
