import { Option } from 'commander'
import { decode } from '../../checker/trace/decode.ts'
import type { Trace, TraceStep } from '../../checker/trace/format.ts'
import { propertyOf } from '../../checker/trace/property.ts'
import { type Divergence, type Replay, replay } from '../../checker/trace/replay.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { traceText } from '../../studio/trace/traceText.ts'
import { catalogue, type SalSetting } from '../../traces/catalogue.ts'
import { packetText, storyOf } from '../../traces/storyOfTrace.ts'
import type { Define } from '../define.ts'
import { EXIT, EXITS } from '../exit.ts'
import { readText } from '../files.ts'
import { findModel } from '../find.ts'
import { json } from '../options.ts'
import { replayBeside } from '../replay/onStack.ts'
import { colour, paint, plural, print, printJson, printWrapped, width } from '../screen.ts'

export interface ReplayOptions {
  readonly on?: string
  readonly json?: boolean
}

export const define: Define = (command, done) => {
  command
    .description(
      'Replays the choices of a trace on the current machine, and reports the first step that differs from the recording.',
    )
    .argument('<trace>', 'a trace file that check or fuzz wrote')
    .addOption(
      new Option('--on <what>', 'replay on the model, or on the model and the real stack in lockstep')
        .choices(['model', 'stack'])
        .default('model'),
    )
    .addOption(json())
    .addHelpText('after', EXITS)
    .action(async (path: string, options: ReplayOptions) => {
      done(await replayTrace(path, options))
    })
}

/** `serval replay`: makes the choices of a trace again, on the current machine or on the stack in lockstep with it. */
async function replayTrace(path: string, { json, on }: ReplayOptions): Promise<number> {
  const recorded = decode(readText(path))
  if (on === 'stack') return replayBeside(path, recorded, json === true)
  const setting = settingOf(recorded, catalogue)
  const result = await replay(recorded, catalogue, setting)
  if (json) printJson(jsonOf(path, recorded, result))
  else printReplay(recorded, result, setting)
  return result.verdict === 'holds' && isWhole(recorded, result) ? EXIT.HOLDS : EXIT.VIOLATED
}

/** Whether all recorded choices could be made. */
const isWhole = (recorded: Trace, { trace }: Replay): boolean => trace.steps.length === recorded.steps.length

function jsonOf(path: string, recorded: Trace, result: Replay): Record<string, unknown> {
  const { trace, verdict, asExpected, violated, notices, divergence } = result
  const { model, bounds, defect, expect, invariant } = recorded
  return {
    ...{ trace: path, model, bounds, defect, expect, invariant, name: nameOf(recorded) },
    ...{ verdict, asExpected, violated, notices },
    steps: trace.steps.length,
    recorded: recorded.steps.length,
    divergence,
  }
}

/** Returns the name of the property that a trace is about, if it is about one. */
function nameOf({ model, invariant, kind }: Trace): string | undefined {
  if (invariant === undefined || kind === undefined) return undefined
  return propertyOf(findModel(model), invariant, kind).name
}

function printReplay(recorded: Trace, result: Replay, setting: SalSetting): void {
  const story = storyOf(asItWent(result), setting)
  for (const notice of result.notices) printWrapped(paint('yellow', `Notice: ${notice}.`))
  print(traceText(story, { width: width(), colour: colour() }))
  if (result.divergence) printWrapped(divergenceText(result.divergence))
  const steps = plural(recorded.steps.length, 'step')
  if (result.asExpected) print(`Replayed ${steps}. The verdict is as recorded: ${recorded.expect}.`)
  else if (!isWhole(recorded, result))
    print(`Replayed ${result.trace.steps.length} of ${steps}; the machine no longer makes the next step.`)
  else
    print(
      `Replayed ${steps}; ${paint('bold', `recorded was '${recorded.expect}', and now it is '${result.verdict}'`)}.`,
    )
}

/** The trace with this replay's verdict in place of the recorded one. */
function asItWent({ trace, verdict, violated }: Replay): Trace {
  if (verdict === trace.expect) return trace
  const [invariant] = violated
  return verdict === 'violated' && invariant !== undefined
    ? { ...trace, expect: verdict, invariant, kind: 'invariant' }
    : { ...trace, expect: 'holds' }
}

function divergenceText(divergence: Divergence): string {
  const where = `Step ${divergence.step} diverges:`
  if (divergence.kind === 'choice')
    return `${where} '${divergence.choice}' is not possible there. Possible are: ${divergence.enabled.join('; ')}.`
  const { part, recorded, replayed } = divergence
  const words = WORDS[part]
  return `${where} ${words.verb} ${words.of(JSON.parse(recorded))}; now ${words.of(JSON.parse(replayed))}.`
}

const listed = (items: readonly string[]): string => items.join(', ') || 'nothing'

/** The parts of a step, as the trace's file has them, in words. */
const WORDS = {
  fired: { verb: 'it took', of: (fired: TraceStep['fired']) => listed(fired) },
  changes: {
    verb: 'it changed',
    of: (changes: TraceStep['changes']) =>
      listed(Object.entries(changes).map(([name, [before, after]]) => `${name} ${before}→${after}`)),
  },
  sent: {
    verb: 'it sent',
    of: (sent: TraceStep['sent']) => listed(sent.map(packetText)),
  },
} as const
