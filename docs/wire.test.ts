/** Keeps docs/wire.md true: its tables are those of the code. */

import { expect, test } from 'vitest'
import { must } from '../checker/text/at.ts'
import { KINDS } from '../spec/machines/flow/packets.ts'
import { WIRE_FAULT, WIRE_SENTENCES, type WireFault } from '../spec/wire/faults.ts'
import * as format from '../spec/wire/format.ts'
import { newFrame } from '../spec/wire/frame.ts'
import { finOf, flagsOf, kindOf } from '../spec/wire/kinds.ts'
import { page, tableOf } from './pages.ts'

const wire = page('docs/wire.md')

test('faults, with their numbers and sentences', () => {
  const expected = Object.entries(WIRE_SENTENCES).map(([name, sentence]) => [
    name,
    String(WIRE_FAULT[name as WireFault]),
    sentence,
  ])
  expect(tableOf(wire, 'fault')).toEqual(expected)
})

test('extensions, with their types and lengths', () => {
  const { PAD, CONTROL, SERVICE, ADDRESS, SOURCE } = format
  const { CONTROL_BYTES, SERVICE_BYTES, ADDRESS_BYTES, SOURCE_BYTES } = format
  expect(tableOf(wire, 'type').map(row => row.slice(0, 3))).toEqual([
    [`${PAD}`, 'PAD', '1'],
    [`${CONTROL}`, 'CONTROL', `${CONTROL_BYTES}`],
    [`${SERVICE}`, 'SERVICE', `${SERVICE_BYTES}`],
    [`${ADDRESS}`, 'ADDRESS', `${ADDRESS_BYTES} + 4n`],
    [`${SOURCE}`, 'SOURCE', `${SOURCE_BYTES} + 4n`],
  ])
  const layouts = tableOf(wire, 'type').map(row => row[4])
  expect(layouts[3]).toContain(`n is 0 to ${format.MOST_ADDRESSES}`)
  expect(layouts[4]).toContain(`n is ${format.LEAST_SOURCES} to ${format.MOST_SOURCES}`)
})

test('flags, each with its bit', () => {
  const told = [...wire.prose.matchAll(/\b([A-Z]+) ([0-9a-f]{2})\b(?=[,\s(])/g)]
    .map(([, name, hex]) => [`FLAG_${name}`, Number.parseInt(must(hex), 16)] as const)
    .filter(([name]) => name in format)
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(Object.entries(format).filter(([name]) => name.startsWith('FLAG_'))),
  )
})

test('combinations of flags: what is sent as what, and what else is taken, is all there is', () => {
  const taken = new Map<number, string>()
  for (const [cell, sent, also] of tableOf(wire, 'kind')) {
    const [name, fin] = must(cell).split(' with ')
    const kind = KINDS.indexOf(name as never)
    const flags = Number.parseInt(sent || '0', 16)
    expect(flagsOf(kind, fin === 'FIN' ? 1 : 0)).toBe(flags)
    for (const one of [
      flags,
      ...must(also)
        .split(' ')
        .filter(Boolean)
        .map(hex => Number.parseInt(hex, 16)),
    ])
      taken.set(one, must(cell))
  }
  const known = new Map<number, string>()
  for (let flags = 0; flags < 256; flags++) {
    const frame = { ...newFrame(), flags, service: 0 }
    const kind = kindOf(frame)
    if (kind > 0) known.set(flags, `${KINDS[kind]}${finOf(frame) ? ' with FIN' : ''}`)
  }
  expect(new Map([...taken].sort(([a], [b]) => a - b))).toEqual(known)
})
