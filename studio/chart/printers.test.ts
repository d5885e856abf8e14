import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { SLOW } from '../../checker/testing/limits.ts'
import { optionalProgram } from '../../checker/testing/programs.ts'
import type { Chart } from './chart.ts'
import { dot } from './dot.ts'
import { html } from './html.ts'
import { mermaid } from './mermaid.ts'
import { readChart } from './readChart.ts'
import { sampleMachine } from './sampleMachine.ts'
import { text } from './text.ts'

const chart = readChart(sampleMachine)
const edges = chart.regions.flatMap(region => region.edges)

const hostile = readChart(
  createMachine({
    id: 'x";\n<script>',
    initial: 'a b',
    states: {
      'a b': { on: { 'E: "q"; \\': { target: 'end', actions: '<img src=x>%%#' } } },
      end: { type: 'final' },
    },
  }),
)

/** Occurrences of an event as a word of its own; DOT's line ends `\\l` and `\\n` are no letters. */
function mentions(output: string, event: string): number {
  return output.replace(/\\[ln]/g, ' ').match(new RegExp(`(?<![\\w])${event}(?![\\w(])`, 'g'))?.length ?? 0
}

const printers: [string, (chart: Chart) => string | Promise<string>][] = [
  ['mermaid', mermaid],
  ['dot', dot],
  ['text', text],
  ['html', html],
]

describe.each(printers)('%s', (_name, print) => {
  test('names each event at least as often as transitions have it', async () => {
    const output = await print(chart)
    for (const event of Object.keys(chart.kinds)) {
      const waiting = edges.filter(edge => edge.events.includes(event)).length
      expect(mentions(output, event), event).toBeGreaterThanOrEqual(waiting)
    }
  })

  test('returns the same bytes for the same chart', async () => {
    expect(await print(readChart(sampleMachine))).toBe(await print(chart))
  })
})

describe('mermaid', () => {
  test('has an arrow for every edge, and for start and end of each region', () => {
    const lines = mermaid(chart).split('\n')
    const arrows = lines.filter(line => / --> .* : /.test(line))
    expect(arrows).toHaveLength(edges.length)
    expect(lines.filter(line => line.includes('[*] -->'))).toHaveLength(2)
    expect(lines.filter(line => line.endsWith('--> [*]'))).toHaveLength(1)
    expect(lines.filter(line => line.trim() === '--')).toHaveLength(1)
  })

  test('every line is a statement, whatever the names', () => {
    const id = '\\w+'
    const safe = '(?:[^:;#"<>%{}]|#\\d+;)*'
    const statement = new RegExp(
      `^ *(stateDiagram-v2|state "${safe}" as ${id}( \\{)?|\\}|--|\\[\\*\\] --> ${id}|${id} --> \\[\\*\\]|${id} --> ${id} : ${safe}|${id} : ${safe})$`,
    )
    for (const each of [chart, hostile]) {
      const lines = mermaid(each).trimEnd().split('\n')
      expect(lines.filter(line => !statement.test(line))).toEqual([])
    }
  })
})

const graphviz = optionalProgram(['dot'], '-V', 'DOT output is not parsed')

describe('dot', () => {
  test.skipIf(!graphviz)('is read by Graphviz, with a cluster a region', SLOW, () => {
    for (const each of [chart, hostile]) {
      const { status, stdout, stderr } = spawnSync('dot', ['-Tdot_json'], {
        input: dot(each),
        encoding: 'utf8',
      })
      expect([status, stderr]).toEqual([0, ''])
      const graph = JSON.parse(stdout) as { objects: { name: string }[] }
      expect(graph.objects.filter(({ name }) => name.startsWith('cluster_'))).toHaveLength(
        each.regions.length,
      )
      const names = each.regions.flatMap(region => region.states.map(state => `${region.name}.${state.name}`))
      expect(graph.objects.map(({ name }) => name.replace(/\s+/g, ' '))).toEqual(
        expect.arrayContaining(names.map(name => name.replace(/\s+/g, ' '))),
      )
    }
  })

  test('escapes quotes and backslashes', () => {
    expect(dot(hostile)).toContain('E: \\"q\\"; \\\\ / <img src=x>%%#\\l')
  })
})

describe('text', () => {
  test.each([60, 80, 100, 140])('fits %i columns', width => {
    const lines = text(chart, { width }).split('\n')
    expect(lines.filter(line => line.length > width)).toEqual([])
  })

  test('has one row for every edge, in document order', () => {
    const lines = text(chart, { width: 200 }).split('\n')
    const rows = lines.filter(
      line => /^\S* +[A-Z]+(, [A-Z]+)*( \[| {2}|$)/.test(line) && !line.startsWith('STATE'),
    )
    expect(rows).toHaveLength(edges.length)
    expect(rows[0]).toMatch(/^INIT +LISTEN +LISTEN +clearTimers$/)
  })
})

describe('html', () => {
  test('contains the drawing and a table, escaped, and loads nothing', async () => {
    const page = await html(hostile)
    expect(page).toContain('<svg ')
    expect(page).not.toMatch(/<img|x";\n<script>/)
    expect(page.match(/<script>/g)).toHaveLength(1)
    expect(page.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|\ssrc=(?!x)|href/)
    const rows = (await html(chart)).match(/<tr><td>/g)
    expect(rows).toHaveLength(edges.length)
  })
})
