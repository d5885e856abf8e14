/** Every goal is reached without losses and timers, and what a timer hides elsewhere shows in prompt worlds. */
import { describe, expect, test } from 'vitest'
import type { Expr, System } from '../checker/ir/ir.ts'
import { explore } from '../checker/search/explore.ts'
import { SLOW } from '../checker/testing/limits.ts'
import { at } from '../checker/text/at.ts'
import { leastBounds } from '../spec/worlds/bounds.ts'
import { models } from '../spec/worlds/index.ts'
import { liveness } from '../spec/worlds/invariants.ts'
import type { Model } from '../spec/worlds/model.ts'
import { brokenWorld } from './defects/results.ts'
import { slowDefects } from './defects/slow.ts'

const prompt = models.filter(model => model.prompt !== undefined)

function worldOf({ bounds, prompt, world }: Model): System {
  const defaults = Object.entries(bounds).map(([name, bound]) => [name, bound.default])
  return world({ ...Object.fromEntries(defaults), ...prompt }).system
}

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

/** The models in whose prompt worlds each property begins to wait. Elsewhere it holds for want of the occasion. */
const DUE: Readonly<Record<string, readonly string[]>> = {
  '5p': [
    ...['handshake', 'negotiation', 'reflection', 'prototype-server', 'two-party', 'half-closed'],
    ...['crossing', 'make-before-break', 'two-clients', 'anycast'],
  ],
  '6p': [
    ...['handshake', 'negotiation', 'reflection', 'prototype-server', 'two-party', 'half-closed'],
    ...['crossing', 'make-before-break', 'two-clients', 'anycast'],
  ],
  '7p': [
    ...['handshake', 'negotiation', 'reflection', 'prototype-server', 'two-party', 'half-closed'],
    ...['crossing', 'make-before-break', 'two-clients', 'anycast'],
  ],
  '24p': [
    ...['negotiation', 'two-party', 'half-closed', 'crossing', 'make-before-break'],
    ...['two-clients', 'anycast'],
  ],
  '38p': ['negotiation', 'two-party', 'half-closed', 'anycast'],
  '41p': ['two-party', 'half-closed'],
  '49p': ['registration'],
  '52p': ['delay'],
  '59p': [
    ...['negotiation', 'prototype-server', 'half-closed', 'make-before-break'],
    ...['two-clients', 'anycast'],
  ],
}

test('every prompt world reaches its goals, has them, and loses nothing', SLOW, async () => {
  const due: Record<string, string[]> = Object.fromEntries(Object.keys(DUE).map(id => [id, []]))
  for (const model of prompt) {
    const system = worldOf(model)
    const begins = system.liveness.map(({ id, when }) => ({ name: id, seen: when, ofStep: false }))
    const full = { name: 'full', seen: isFull(system), ofStep: false }
    const { verdict, witnesses } = await explore({ ...system, witnesses: [...begins, full] })
    expect([model.name, verdict]).toEqual([model.name, 'holds'])
    for (const { name, depth } of witnesses) if (depth !== null) due[name]?.push(model.name)
    expect([model.name, witnesses.find(({ name }) => name === 'full')?.depth]).toEqual([model.name, null])
  }
  expect(due).toEqual(DUE)
})

describe.each(slowDefects)('$id: $sentence', SLOW, defect => {
  const shown = at(defect.shownBy, 0)
  const model = at(
    models.filter(({ name }) => name === shown.model),
    0,
  )

  test('violates promptness', async () => {
    const { violations } = await explore(brokenWorld(defect, shown))
    expect(violations.map(({ id }) => id)).toContain(defect.id.slice(1).replace('q', 'p'))
  })

  test('violates nothing in a world with losses and timers', async () => {
    const { prompt: _, capacity, reordering, loss, duplication, ...rest } = shown.bounds ?? {}
    const asked = { ...rest, ...(capacity === undefined ? {} : { capacity: 1 }) }
    const { system } = model.world(leastBounds(model, { ...asked, prompt: 0 }), defect.replacement)
    expect((await explore(system)).violations).toEqual([])
  })
})

test('a defect shows each prompt property', () => {
  const ids = liveness.filter(({ isPrompt }) => isPrompt).map(({ id }) => id)
  const shown = slowDefects.map(({ id }) => id.slice(1))
  // Every defect of a flow violates 6p as well.
  expect(ids.filter(id => id !== '6p' && !shown.includes(id))).toEqual([])
})
