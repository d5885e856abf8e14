/** A process that tries the mutants that its parent names. */
import { attempt } from './attempt.ts'
import { mutants } from './enumerate.ts'
import type { Outcome } from './results.ts'

/** Mutants of one machine. */
export interface Task {
  readonly machine: string
  readonly names: readonly string[]
}

/** What the process says: a result, or that the task is done. */
export type Answer = Outcome | 'done'

process.on('message', async ({ machine, names }: Task) => {
  const known = new Set(names)
  const own = mutants.filter(({ name }) => known.has(name))
  for await (const outcome of attempt(machine, own)) process.send?.(outcome satisfies Answer)
  process.send?.('done' satisfies Answer)
})
process.on('disconnect', () => process.exit())
