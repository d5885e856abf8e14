/** For tests: explores prompt worlds at their default bounds, and worlds of the defects that only they show. */
import type { Expr, System } from '../../checker/ir/ir.ts'
import { explore } from '../../checker/search/explore.ts'
import { must } from '../../checker/text/at.ts'
import { defaultBounds, leastBounds } from '../../spec/worlds/bounds.ts'
import { models } from '../../spec/worlds/index.ts'
import type { Model } from '../../spec/worlds/model.ts'
import type { Defect } from '../defects/defect.ts'
import { brokenWorld } from '../defects/results.ts'

const promptModels = models.filter(model => model.prompt !== undefined)

const worldOf = (model: Model): System => model.world({ ...defaultBounds(model), ...model.prompt }).system

const isSet = (name: string): Expr => ({
  op: '!=',
  left: { op: 'get', name },
  right: { op: 'number', value: 0 },
})

/** Whether the network of a state holds as many packets as it can. A full network loses the next one. */
function isFull({ variables }: System): Expr {
  const places = variables.filter(({ name }) => name.startsWith('net[')).map(({ name }) => isSet(name))
  if (places.length === 0) return { op: 'number', value: 0 }
  return places.reduce((left, right) => ({ op: '&&', left, right }))
}

/** The models in whose prompt worlds each property begins to wait. In the others it holds because it never waits. */
const DUE: Readonly<Record<string, readonly string[]>> = {
  '2p': ['handshake', 'negotiation', 'reflection', 'two-party', 'half-closed', 'joining'],
  '20p': [
    ...['handshake', 'negotiation', 'reflection', 'prototype-server', 'two-party', 'half-closed'],
    ...['crossing', 'make-before-break', 'two-clients', 'anycast', 'joining'],
  ],
  '5p': [
    ...['handshake', 'negotiation', 'reflection', 'prototype-server', 'two-party', 'half-closed'],
    ...['crossing', 'make-before-break', 'two-clients', 'anycast', 'joining'],
  ],
  '6p': [
    ...['handshake', 'negotiation', 'reflection', 'prototype-server', 'two-party', 'half-closed'],
    ...['crossing', 'make-before-break', 'two-clients', 'anycast', 'joining'],
  ],
  '7p': [
    ...['handshake', 'negotiation', 'reflection', 'prototype-server', 'two-party', 'half-closed'],
    ...['crossing', 'make-before-break', 'two-clients', 'anycast', 'joining'],
  ],
  '24p': [
    ...['negotiation', 'two-party', 'half-closed', 'crossing', 'make-before-break'],
    ...['two-clients', 'anycast', 'joining'],
  ],
  '38p': ['negotiation', 'two-party', 'half-closed', 'anycast', 'joining'],
  '41p': ['two-party', 'half-closed'],
  '49p': ['registration'],
  '52p': ['delay'],
  '59p': [
    ...['negotiation', 'prototype-server', 'half-closed', 'make-before-break'],
    ...['two-clients', 'anycast', 'joining'],
  ],
}

/** The models with a prompt world. */
export const promptNames: readonly string[] = promptModels.map(({ name }) => name)

/** What must be true of the prompt worlds of these models: all properties hold, no network is ever full, and `DUE`. */
export const expectedOf = (names: readonly string[]) => ({
  verdicts: names.map(name => [name, 'holds', null]),
  due: Object.fromEntries(
    Object.entries(DUE).map(([id, waiting]) => [id, waiting.filter(name => names.includes(name))]),
  ),
})

/** Explores the prompt worlds of these models. Returns what it found, in the shape of {@link expectedOf}. */
export async function explorePrompt(names: readonly string[]): Promise<unknown> {
  const due: Record<string, string[]> = Object.fromEntries(Object.keys(DUE).map(id => [id, []]))
  const verdicts: unknown[] = []
  for (const model of promptModels.filter(({ name }) => names.includes(name))) {
    const system = worldOf(model)
    const begins = system.liveness.map(({ id, when }) => ({ name: id, seen: when, ofStep: false }))
    const full = { name: 'full', seen: isFull(system), ofStep: false }
    const { verdict, witnesses } = await explore({ ...system, witnesses: [...begins, full] })
    for (const { name, depth } of witnesses) if (depth !== null) due[name]?.push(model.name)
    verdicts.push([model.name, verdict, witnesses.find(({ name }) => name === 'full')?.depth])
  }
  return { verdicts, due }
}

/** The prompt property that a defect violates: 24p by S24p and by S24q. */
export const propertyOf = ({ id }: Defect): string => id.slice(1).replace('q', 'p')

/** Returns the properties that a defect violates in the prompt world that shows it. */
export async function violatedPromptly(defect: Defect): Promise<readonly string[]> {
  const { violations } = await explore(brokenWorld(defect, must(defect.shownBy[0])))
  return violations.map(({ id }) => id)
}

/** Returns the properties that it violates in a small world of the same model, with losses and timers. */
export async function violatedWithTimers({ shownBy, replacement }: Defect): Promise<readonly string[]> {
  const shown = must(shownBy[0])
  const model = must(models.find(({ name }) => name === shown.model))
  const { prompt: _, capacity, reordering, loss, duplication, ...rest } = shown.bounds ?? {}
  const asked = { ...rest, ...(capacity === undefined ? {} : { capacity: 1 }) }
  const { system } = model.world(leastBounds(model, { ...asked, prompt: 0 }), replacement)
  return (await explore(system)).violations.map(({ id }) => id)
}
