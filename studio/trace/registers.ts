import type { Register, Story, Value } from './story.ts'

/**
 * All registers before the first step, in the order in which they are first named. What is not announced there is
 * taken from its first change.
 */
export function firstRegisters({ initial, steps }: Story): Register[] {
  const values = new Map<string, Value>(initial.map(({ name, value }) => [name, value]))
  for (const { name, before } of steps.flatMap(step => step.changes)) {
    if (!values.has(name)) values.set(name, before)
  }
  return [...values].map(([name, value]) => ({ name, value }))
}
