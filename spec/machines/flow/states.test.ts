import { expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { flow } from './compiled.ts'
import { EVENT_FIELDS } from './events.ts'
import * as notices from './notices.ts'
import { NOTICES } from './notices.ts'
import * as packets from './packets.ts'
import { initialRegisters, opaqueRegisters } from './registers.ts'
import { CONNECTION, MIGRATION } from './states.ts'

const statesOf = (region: string) =>
  Object.fromEntries(must(flow.tables.regions.find(r => r.name === region)).states.map((s, i) => [s.name, i]))

test("states have the numbers of the machine's order", () => {
  expect(statesOf('connection')).toEqual(CONNECTION)
  expect(statesOf('migration')).toEqual(MIGRATION)
  expect(flow.tables.regions.map(r => r.initial)).toEqual(['INIT', 'INITIAL'])
})

test('every event of the machine declares its fields, and no other does', () => {
  expect([...flow.events].sort()).toEqual(Object.keys(EVENT_FIELDS).sort())
})

test('kinds of packets and notices have the numbers of their lists', () => {
  const { KINDS, ...kinds } = packets
  expect(Object.fromEntries(KINDS.map((name, kind) => [name, kind]).slice(1))).toEqual(kinds)
  const { NOTICES: _, ...numbers } = notices
  expect(Object.values(numbers).sort((a, b) => a - b)).toEqual(NOTICES.map((_, i) => i).slice(1))
})

test('identifiers are registers, and zero (none) before a flow begins', () => {
  for (const name of opaqueRegisters) expect(initialRegisters[name]).toBe(0)
})
