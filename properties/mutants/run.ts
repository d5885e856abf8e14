/**
 * `node properties/mutants/run.ts [--only TEXT] [--workers N]`: tries every mutant that has no result for the current
 * worlds, or those of them whose name contains the text. Writes results.json and docs/mutants.md.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { LongRun } from '../../checker/testing/longRun.ts'
import { must } from '../../checker/text/at.ts'
import { readCaught } from '../defects/results.ts'
import { mutants, subjects } from './enumerate.ts'
import { worldsOf } from './hashes.ts'
import type { Mutant } from './mutant.ts'
import { reportOf } from './report.ts'
import { type Outcome, readResults, writeResults } from './results.ts'
import type { Answer, Task } from './worker.ts'

const { only = '', workers = String(availableParallelism()) } = parseArgs({
  options: { only: { type: 'string' }, workers: { type: 'string' } },
}).values

/** The time between two writes of the results. A run that is stopped loses at most this much. */
const SAVE_EVERY_MS = 10_000

const results = new Map(readResults().map(result => [result.mutant, result]))
const isStale = (mutant: Mutant): boolean => {
  const result = results.get(mutant.name)
  return result?.worlds !== worldsOf(mutant, result?.trial)
}
/** Mutants that were never tried come first. */
const stale = mutants
  .filter(mutant => mutant.name.includes(only) && isStale(mutant))
  .sort((a, b) => Number(results.has(a.name)) - Number(results.has(b.name)))

const save = (): void => writeResults(mutants.flatMap(({ name }) => results.get(name) ?? []))

/** The number of mutants of a task. All of a task's mutants go through one trial before the next. */
const TASK = 256

const tasks: Task[] = subjects.flatMap(({ name: machine }) => {
  const names = stale.filter(mutant => mutant.machine === machine).map(({ name }) => name)
  const count = Math.ceil(names.length / TASK)
  return Array.from({ length: count }, (_, i) => ({ machine, names: names.slice(i * TASK, (i + 1) * TASK) }))
})

const run = new LongRun('mutants', stale.length)
let [next, done, savedMs] = [0, 0, performance.now()]

const byName = new Map(mutants.map(mutant => [mutant.name, mutant]))

function record({ mutant, ...found }: Outcome): void {
  const { trial, by, tried } = found
  results.set(mutant, { mutant, worlds: must(worldsOf(must(byName.get(mutant)), trial)), ...found })
  const verdict = by ? `${by.kind} ${by.id} (${by.steps}) in ${trial}` : `SURVIVES ${tried} trials`
  process.stdout.write(`${mutant}: ${verdict}\n`)
  run.at(++done)
  const now = performance.now()
  if (now - savedMs < SAVE_EVERY_MS) return
  savedMs = now
  save()
}

/** Tries tasks in a process of its own. The worlds of the trials are too small to share one among cores. */
async function runWorker(): Promise<void> {
  if (next >= tasks.length) return
  const child = fork(join(import.meta.dirname, 'worker.ts'))
  for (let task = tasks[next++]; task; task = tasks[next++]) await tryIn(child, task)
  child.disconnect()
}

/** Records each result of a task. Resolves when the process is done with it. Rejects if the process ends before. */
const tryIn = (child: ChildProcess, task: Task): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (code: number | null): void => reject(new Error(`a worker ended with code ${code}`))
    const answer = (given: Answer): void => {
      if (given !== 'done') {
        record(given)
        return
      }
      child.off('message', answer).off('exit', end)
      resolve()
    }
    child.on('message', answer).on('exit', end).send(task)
  })

await Promise.all(Array.from({ length: Number(workers) }, runWorker))
save()
run.over({ survivors: stale.filter(({ name }) => results.get(name)?.by === undefined).length })
writeFileSync(
  new URL('../../docs/mutants.md', import.meta.url),
  reportOf(readResults(), readCaught(), mutants.length),
)
