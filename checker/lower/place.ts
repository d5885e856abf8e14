/**
 * The place of a machine in a world: a leaf for each register and region, which start as the machine starts.
 */
import { LowerError } from './errors.ts'
import type { LoweredMachine } from './step.ts'
import { bits, isLeaf, type Leaf, type Place, type Shape } from './value.ts'

/** The initial value of each register, and the index of each region's initial state. */
function startOf({ tables }: LoweredMachine): Map<string, number> {
  return new Map([
    ...Object.entries(tables.registers),
    ...tables.regions.map(
      ({ name, states, initial }) => [name, states.findIndex(state => state.name === initial)] as const,
    ),
  ])
}

/**
 * Returns the shape of a machine's place. Regions are as wide as their states need.
 *
 * @param widths of the registers, in bits
 *
 * @throws LowerError LOWER_NAME for a register without a width
 */
export function placeOf<Names extends string>(
  machine: LoweredMachine,
  widths: Readonly<Record<Names, number>>,
): Record<Names, Leaf> & Record<string, Leaf> {
  const { id, regions } = machine.tables
  const states = new Map(regions.map(region => [region.name, region.states.length]))
  const leaves = [...startOf(machine)].map(([name, initial]) => {
    const count = states.get(name)
    const width = count === undefined ? (widths as Record<string, number>)[name] : bitsOf(count - 1)
    if (width === undefined)
      throw new LowerError('LOWER_NAME', id, `the register '${name}' has no width; give its bits`)
    return [name, bits(width, initial)] as const
  })
  // Object.fromEntries forgets the names, which are those of `widths`.
  return Object.fromEntries(leaves) as never
}

const bitsOf = (most: number): number => Math.max(1, 32 - Math.clz32(most))

/**
 * Checks that a place starts as its machine does. A register may also be a number in the shape: it is then a
 * parameter of the world and may have any value.
 *
 * @throws LowerError LOWER_INITIAL
 */
export function checkStart(machine: LoweredMachine, { shape, path }: Place, where: string): void {
  for (const [name, start] of startOf(machine)) {
    const leaf = (shape as Readonly<Record<string, Shape>>)[name]
    const isRegion = !Object.hasOwn(machine.tables.registers, name)
    if (typeof leaf === 'object' && isLeaf(leaf) && leaf.isApart) continue
    const given = typeof leaf === 'object' && isLeaf(leaf) ? leaf.initial : isRegion ? leaf : undefined
    if (typeof given !== 'number' || given === start) continue
    const what = isRegion ? `the state ${start}` : `${start}`
    throw new LowerError(
      'LOWER_INITIAL',
      where,
      `'${path ? `${path}.` : ''}${name}' starts as ${given} in the world and as ${what} in the machine '${machine.tables.id}'; ` +
        `write bits(width, ${start}) or make the place by placeOf(), or startedAt(width, ${given}) if it is meant`,
    )
  }
}
