/**
 * For tests: reads and uses mutated files as the commands do. A command either uses a file or rejects it with a stable code.
 * The first other outcome rejects with the text of the file.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { must } from '../../checker/text/at.ts'
import { decode } from '../../checker/trace/decode.ts'
import type { Trace } from '../../checker/trace/format.ts'
import { replay } from '../../checker/trace/replay.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { Ledger, ledgerFaults } from '../../impl/controller/ledger.ts'
import { MemoryRegistry } from '../../impl/controller/registry/memory.ts'
import { Mutations } from '../../impl/controller/testing/mutations.ts'
import { isPlanePlan, planePlanOf } from '../../properties/simulator/controllers/decode.ts'
import { generatePlanePlan } from '../../properties/simulator/controllers/generate.ts'
import { planOf } from '../../properties/simulator/decode.ts'
import { encodePlan } from '../../properties/simulator/encode.ts'
import { generatePlan } from '../../properties/simulator/generate.ts'
import { parsePlan } from '../../properties/simulator/planFile.ts'
import { traceHtml } from '../../studio/trace/traceHtml.ts'
import { traceMermaid } from '../../studio/trace/traceMermaid.ts'
import { traceText } from '../../studio/trace/traceText.ts'
import { catalogue, type SalSetting } from '../../traces/catalogue.ts'
import { recordSteps } from '../../traces/steps/testing/record.ts'
import { storyOf } from '../../traces/storyOfTrace.ts'
import { judgeCapture } from '../validate/capture.ts'
import { judgeLog } from '../validate/steps.ts'
import { mutateCapture } from './mutatedBytes.ts'
import { mark, mutateJson } from './mutatedJson.ts'

/** Counts of files by outcome: `used`, or the code of the error. */
export type Outcomes = ReadonlyMap<string, number>

/** Codes of this project; Node's own mistakes begin with ERR. */
const STABLE = /^(CAPTURE|CLI|LINK|PLAN|REGISTRY|SERVICE|STEPS|TRACE)_[A-Z_]+$/

/** A kind of file: makes a mutant, and reads and uses it. */
interface FeedKind {
  draw(mutations: Mutations): string | Uint8Array
  use(file: string | Uint8Array): Promise<void> | void
  [Symbol.dispose](): void
}

const nothing = (): void => {}

/** Rejects with the first error that has no stable code; its cause is the error. Calls `at` with how many files were fed. */
export async function feedFiles(
  kind: FeedKind,
  count: number,
  seed: number,
  at: (fed: number) => void = nothing,
): Promise<Outcomes> {
  const mutations = new Mutations(seed)
  const outcomes = new Map<string, number>()
  for (let fed = 0; fed < count; fed++) {
    at(fed)
    const file = kind.draw(mutations)
    const outcome = await outcomeOf(kind, file)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  return outcomes
}

async function outcomeOf(kind: FeedKind, file: string | Uint8Array): Promise<string> {
  try {
    await kind.use(file)
    return 'used'
  } catch (cause) {
    const code = String((cause as { code?: unknown }).code)
    if (cause instanceof Error && STABLE.test(code)) return code
    const text = Buffer.from(file).toString('latin1')
    throw new Error(`${cause}, of the file ${JSON.stringify(text)}`, { cause })
  }
}

/** Replays one of so many files, because a replay takes much longer than reading. */
const REPLAYED_ONE_IN = 512
/** Lowers the world of one of so many mutants that name a world of their own. */
const LOWERED_ONE_IN = 256

const corpus = join(import.meta.dirname, '../../traces/corpus')

/** Short traces of several models. */
const TRACES = [
  ...['D3-off-path-1', 'D2-off-path-12', 'S43-resolution-43', 'S50-delay-50', 'S5-flood-5b'],
  ...['S49-registration-49', 'S26b-rendezvous-26', 'D9-two-party-deadlock'],
]

const placeOf = ({ model, bounds, defect }: Trace): string => JSON.stringify({ model, bounds, defect })

/** Draws traces in every format, and replays some. */
export function traces(): FeedKind {
  const texts = TRACES.map(name => readFileSync(join(corpus, `${name}.json`), 'utf8'))
  const settings = new Map<string, SalSetting>(
    texts.map(decode).map(trace => [placeOf(trace), settingOf(trace, catalogue)]),
  )
  const marked = texts.map(mark)
  let [used, places] = [0, 0]
  return {
    draw: mutations => mutateJson(mutations, mutations.pick(marked)),
    async use(file) {
      const trace = decode(String(file))
      const known = settings.get(placeOf(trace))
      if (known === undefined && places++ % LOWERED_ONE_IN > 0) return
      const story = storyOf(trace, known ?? settingOf(trace, catalogue))
      for (const draw of [traceText, traceHtml, traceMermaid]) draw(story)
      if (used++ % REPLAYED_ONE_IN === 0) await replay(trace, catalogue)
    },
    [Symbol.dispose]: nothing,
  }
}

/** Judges logs of steps with one line changed, removed or repeated. */
export function steps(): FeedKind {
  const logs = [3, 21].flatMap(seed => recordSteps(seed, 'mild'))
  const marked = logs
    .map(text => text.trimEnd().split('\n').map(mark))
    .filter(({ length }) => length > 3 && length < 40)
  return {
    draw(mutations) {
      const lines = mutations.pick(marked)
      const at = mutations.below(lines.length)
      const changed = lines.map(({ text }) => text)
      const kind = mutations.below(8)
      if (kind === 0) changed.splice(at, 1)
      else if (kind === 1) changed.splice(at, 0, must(changed[mutations.below(lines.length)]))
      else changed[at] = mutateJson(mutations, must(lines[at]))
      return `${changed.join('\n')}\n`
    },
    use: file => void judgeLog('mutant', Buffer.from(String(file))),
    [Symbol.dispose]: nothing,
  }
}

/** Decodes plans of both kinds and encodes them again. */
export function plans(): FeedKind {
  const marked = [1, 2, 3, 4]
    .flatMap(seed => [generatePlan({ seed, hosts: 4, faults: 'mild' }), generatePlanePlan({ seed })])
    .map(plan => mark(encodePlan(plan)))
  return {
    draw: mutations => mutateJson(mutations, mutations.pick(marked)),
    use(file) {
      const json = parsePlan(String(file))
      encodePlan(isPlanePlan(json) ? planePlanOf(json) : planOf(json))
    },
    [Symbol.dispose]: nothing,
  }
}

/** Judges captures. */
export function captures(): FeedKind {
  let hosts: readonly string[] = []
  return {
    draw(mutations) {
      const mutant = mutateCapture(mutations)
      hosts = mutant.hosts
      return mutant.bytes
    },
    use: file => void judgeCapture('mutant', file as Uint8Array, { host: hosts }),
    [Symbol.dispose]: nothing,
  }
}

const ID = 'ab'.repeat(32)
const RECORDS: readonly (readonly [key: string, record: object])[] = [
  [
    `instance.${ID}.instance-1`,
    {
      ...{ service: ID, id: ID, instance: 'instance-1', state: 'bound', version: 1 },
      ...{ address: '192.0.2.1:1', priority: 1, weight: 1, leaseMs: 30_000 },
      ...{ owner: '192.0.2.1', expiresMs: 0 },
    },
  ],
  [
    `rule.${'61636d65'.padEnd(64, '0')}.32.forward.MTkyLjAuMi4xOjE`,
    { prefix: 'acme/*', kind: 'forward', address: '192.0.2.1:1', priority: 1, weight: 1 },
  ],
]
const marks = RECORDS.map(([key, record]) => [key, mark(JSON.stringify(record))] as const)
const LINES = 6

/** Returns a line of a journal with a correct checksum. */
const lineOf = (text: string): string => `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`

function journalLine(mutations: Mutations, r: number): string {
  const [key, record] = mutations.pick(marks)
  const entry = (v: string): string => JSON.stringify({ k: key, v, r })
  const kind = mutations.below(8)
  if (kind === 0) return lineOf(mutateJson(mutations, mark(entry(record.text))))
  if (kind === 1) return mutations.change(lineOf(entry(record.text)))
  return lineOf(entry(kind < 5 ? mutateJson(mutations, record) : record.text))
}

/** Opens a controller's memory from journals, most of whose checksums are correct. */
export function journals(): FeedKind {
  const folder = mkdtempSync(join(tmpdir(), 'serval-mutants-'))
  const file = join(folder, 'journal')
  const events = { confirm: nothing, refuse: nothing, changed: nothing, ruled: nothing, trouble: nothing }
  return {
    draw: mutations =>
      Array.from({ length: 1 + mutations.below(LINES) }, (_, at) => journalLine(mutations, at + 1)).join(''),
    async use(text) {
      writeFileSync(file, text)
      const ledger = new Ledger<string>(new MemoryRegistry({ file }), events, () => 0, {})
      const { count } = ledgerFaults
      await ledger.open()
      await ledger.close()
      if (ledgerFaults.count > count) throw new Error('a record raised an unexpected exception')
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
