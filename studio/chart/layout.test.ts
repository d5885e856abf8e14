import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { flowMachine } from '../../spec/machines/flow/machine.ts'
import { layout, type Placed } from './layout.ts'
import { CHARACTER, TITLE_CHARACTER } from './metrics.ts'
import { readChart } from './readChart.ts'
import { sampleMachine } from './sampleMachine.ts'

interface Area {
  readonly name: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The fixture, and the machine whose picture people see. */
const charts = [readChart(sampleMachine), readChart(flowMachine)]

const regions = await Promise.all(
  charts.flatMap(({ name, regions }) =>
    regions.map(async region => ({ ...(await layout(region)), name: `${name} ${region.name}` })),
  ),
)

function boxAreas(region: Placed): Area[] {
  return region.boxes.map(({ id, x, y, width, height }) => ({ name: id, x, y, width, height }))
}

function labelAreas(region: Placed): Area[] {
  return region.links.map(({ from, to, x, y, text }) => ({ name: `${from.id} to ${to.id}`, x, y, ...text }))
}

/** Whether two areas share more than a border. */
function overlap(a: Area, b: Area): boolean {
  const inner = 0.5
  return (
    a.x + inner < b.x + b.width &&
    b.x + inner < a.x + a.width &&
    a.y + inner < b.y + b.height &&
    b.y + inner < a.y + a.height
  )
}

test.each(regions)('$name: no box or label lies on another', region => {
  const areas = [...boxAreas(region), ...labelAreas(region)]
  const clashes = areas.flatMap((a, index) =>
    areas.slice(index + 1).flatMap(b => (overlap(a, b) ? [`${a.name} / ${b.name}`] : [])),
  )
  expect(clashes).toEqual([])
})

test.each(regions)('$name: a line runs through no box and no label but its own', region => {
  const labels = labelAreas(region)
  const clashes = region.links.flatMap((link, index) => {
    const others = [...boxAreas(region), ...labels.filter((_, other) => other !== index)]
    return link.points.slice(1).flatMap((end, bend) => {
      const start = at(link.points, bend)
      const segment = {
        name: `${link.from.id} to ${link.to.id}`,
        x: Math.min(start.x, end.x),
        y: Math.min(start.y, end.y),
        width: Math.abs(start.x - end.x) || 1,
        height: Math.abs(start.y - end.y) || 1,
      }
      return others.filter(other => overlap(segment, other)).map(other => `${segment.name} / ${other.name}`)
    })
  })
  expect(clashes).toEqual([])
})

test.each(regions)('$name: a label lies on its own line, and lines are horizontal or vertical', region => {
  for (const { x, y, text, points } of region.links) {
    const label = { name: '', x, y, width: text.width, height: text.height }
    const touching = points.slice(1).some((end, bend) => {
      const start = at(points, bend)
      expect(Math.min(Math.abs(start.x - end.x), Math.abs(start.y - end.y))).toBeLessThan(0.1)
      const area = { x: Math.min(start.x, end.x), y: Math.min(start.y, end.y) }
      const size = { width: Math.abs(start.x - end.x) || 1, height: Math.abs(start.y - end.y) || 1 }
      return overlap(label, { name: '', ...area, ...size })
    })
    expect(touching).toBe(true)
  }
})

test.each(regions)('$name: every text fits its box or label', region => {
  const widest = (lines: Placed['links'][number]['text']['lines']) =>
    Math.max(0, ...lines.map(line => line.map(run => run.text).join('').length)) * CHARACTER
  for (const box of region.boxes) {
    expect(box.title.length * TITLE_CHARACTER).toBeLessThan(box.width)
    expect(widest(box.text.lines)).toBeLessThan(box.width)
  }
  for (const { text } of region.links) expect(widest(text.lines)).toBeLessThan(text.width)
})
