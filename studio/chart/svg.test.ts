import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { must } from '../../checker/text/at.ts'
import { readChart } from './readChart.ts'
import { sampleMachine } from './sampleMachine.ts'
import { svg } from './svg.ts'

const drawing = await svg(readChart(sampleMachine))

interface Drawn {
  readonly from: readonly string[]
  readonly to: readonly string[] | undefined
  readonly text: string
}

function plain(text: string): string {
  return text
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
}

/** The words that a reader sees in a group: no tooltips, lines put together. */
function visible(group: string): string {
  const bare = group
    .replace(/<title>.*?<\/title>/gs, '')
    .replace(/<\/text>/g, ' ')
    .replace(/<[^>]*>/g, '')
  return plain(bare).replace(/\s+/g, ' ')
}

function drawnGroups(): Drawn[] {
  const states = [...drawing.matchAll(/<g class="state[^"]*" data-states="([^"]*)"(.*?)<\/g>/gs)]
  const links = [...drawing.matchAll(/<g class="link" data-from="([^"]*)" data-to="([^"]*)"(.*?)<\/g>/gs)]
  return [
    ...states.map(([, from, body]) => ({
      from: JSON.parse(plain(must(from))),
      to: undefined,
      text: visible(`<${body}`),
    })),
    ...links.map(([, from, to, body]) => ({
      from: JSON.parse(plain(must(from))),
      to: JSON.parse(plain(must(to))),
      text: visible(`<${body}`),
    })),
  ]
}

describe('the sample machine', () => {
  test('every transition is readable beside its edge', () => {
    const groups = drawnGroups()
    const missing: string[] = []
    for (const region of Object.values(sampleMachine.root.states)) {
      for (const state of Object.values(region.states)) {
        for (const transition of [...state.transitions.values()].flat()) {
          const target = transition.target?.[0]?.key
          const name = typeof transition.guard === 'string' ? `[${transition.guard}]` : ''
          const found = groups.some(
            ({ from, to, text }) =>
              from.includes(state.key) &&
              (target === undefined ? to === undefined : to?.[0] === target) &&
              new RegExp(`\\b${transition.eventType}\\b`).test(text) &&
              text.includes(name),
          )
          if (!found) missing.push(`${state.key} ${transition.eventType} ${name} ${target}`)
        }
      }
    }
    expect(missing).toEqual([])
  })

  test('returns the same bytes for the same chart, whatever was drawn before', async () => {
    await svg(readChart(createMachine({ initial: 'A', states: { A: { on: { E: 'B' } }, B: {} } })))
    expect(await svg(readChart(sampleMachine))).toBe(drawing)
  })

  test('has a title, a description and a role, and loads nothing', () => {
    expect(drawing).toContain('role="img"')
    expect(drawing).toContain('<title id="chart-title">State machine sample</title>')
    expect(drawing).toMatch(/<desc [^>]*>connection \(INIT, LISTEN, .*76 transitions\.<\/desc>/)
    expect(drawing.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|href/)
  })

  test('the legend names the kinds of events in the chart', () => {
    const legend = visible(must(/<g class="legend">.*<\/g>/s.exec(drawing))[0])
    expect(legend).toMatch(/^APPLICATION PACKET TIMER \[guard\]/)
  })

  test('transitions that many states share are drawn once', () => {
    expect(drawnGroups().filter(({ text }) => text.includes('RST [resetInWindow]'))).toHaveLength(1)
  })
})

test('names are escaped', async () => {
  const machine = createMachine({
    id: '<m>',
    initial: '"A"',
    states: { '"A"': { on: { '<b>&': { target: "it's", actions: '</svg>' } } }, "it's": {} },
  })
  const text = await svg(readChart(machine))
  expect(text).not.toMatch(/<m>|<b>|it's/)
  expect(text.match(/<\/svg>/g)).toHaveLength(1)
  expect(text).toContain('&lt;b&gt;&amp;')
})

test('transitions of the whole machine start at a box of their own', async () => {
  const machine = createMachine({ initial: 'A', on: { RST: '.B' }, states: { A: {}, B: {} } })
  const text = await svg(readChart(machine))
  expect(text).toContain('data-from="[&quot;(any state)&quot;]" data-to="[&quot;B&quot;]"')
})
