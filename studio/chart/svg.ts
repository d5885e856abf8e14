import { escapeMarkup } from '../markup.ts'
import { type Chart, type Edge, EVENT_KINDS } from './chart.ts'
import type { Line } from './label.ts'
import { type Block, type Box, type Link, layout, type Placed } from './layout.ts'
import { CHARACTER, LINE, PADDING, TITLE_LINE } from './metrics.ts'
import { chartStyle } from './palette.ts'

const GAP = 24
const REGION_TITLE = 30
const LEGEND = 34

/**
 * The machine as an SVG document: one panel a region, a box a state with the transitions that stay in it, a line for
 * those that leave it. Transitions that four or more states share are drawn once, from a dashed box that lists the
 * states. The same chart gives the same bytes.
 */
export async function svg(chart: Chart): Promise<string> {
  const regions = await Promise.all(chart.regions.map(layout))
  const width = Math.ceil(Math.max(...regions.map(region => region.width)) + 2 * GAP)
  let y = GAP
  const panels = regions.map(region => {
    const panel = regionPanel(chart, region, y, width - 2 * GAP)
    y += region.height + REGION_TITLE + GAP
    return panel
  })
  const height = Math.ceil(y + LEGEND)
  const states = chart.regions.reduce((sum, region) => sum + region.states.length, 0)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="chart-title chart-description">
<title id="chart-title">${escapeMarkup(`State machine ${chart.name}`)}</title>
<desc id="chart-description">${escapeMarkup(`${states} states in ${chart.regions.length} regions (${chart.regions.map(region => region.name).join(', ')}), ${chart.transitions} transitions.`)}</desc>
<style>
${chartStyle()}
</style>
<defs>
${['mixed', ...EVENT_KINDS].map(marker).join('\n')}
</defs>
<rect class="paper" width="${width}" height="${height}" rx="12"/>
${panels.join('\n')}
${legend(height - LEGEND + 8)}
</svg>
`
}

function marker(kind: string): string {
  return `<marker id="arrow-${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="arrow ${kind}" d="M0 1 L10 5 L0 9 z"/></marker>`
}

function regionPanel(chart: Chart, region: Placed, y: number, width: number): string {
  const shift = px((width - region.width) / 2)
  return `<g class="region-panel" transform="translate(${GAP} ${px(y)})">
<rect class="region" width="${px(width)}" height="${px(region.height + REGION_TITLE)}" rx="10"/>
<text class="region-title" x="16" y="22">${escapeMarkup(region.name)}</text>
<g transform="translate(${shift} ${REGION_TITLE})">
${region.links.map(link => linkLine(chart, link)).join('\n')}
${region.boxes.map(box => boxDrawing(chart, region.name, box)).join('\n')}
${region.links.map(link => linkLabel(chart, region.name, link)).join('\n')}
</g>
</g>`
}

function boxDrawing(chart: Chart, region: string, box: Box): string {
  const { x, y, width, height } = box
  const parts = [
    `<title>${escapeMarkup(`${box.shared ? box.states.join(', ') : `${region}.${box.title}`}\n${box.edges.map(edgeSentence).join('\n')}`.trim())}</title>`,
    `<rect class="box" width="${width}" height="${height}" rx="6"/>`,
  ]
  if (!box.shared) parts.push(`<path class="head" d="${headPath(width, height)}"/>`)
  if (box.final) {
    parts.push(`<rect class="final" x="3" y="3" width="${width - 6}" height="${height - 6}" rx="4"/>`)
  }
  if (box.initial) parts.push(`<circle class="dot" cx="${PADDING + 6}" cy="${TITLE_LINE / 2}" r="4.5"/>`)
  parts.push(
    `<text class="${box.shared ? 'plain' : 'title'}" x="${width / 2}" y="${TITLE_LINE / 2 + 5}" text-anchor="middle">${escapeMarkup(box.title)}</text>`,
  )
  parts.push(blockText(chart, box.text, TITLE_LINE))
  return `<g class="state${box.shared ? ' shared' : ''}" data-states="${escapeMarkup(names(region, box))}" transform="translate(${px(x)} ${px(y)})">${parts.join('')}</g>`
}

/** The title's background: round at the top, and at the bottom too where nothing follows. */
function headPath(width: number, height: number): string {
  const bottom = Math.min(height, TITLE_LINE) - 1
  const [w, r] = [width - 1, 5]
  const foot =
    height > TITLE_LINE
      ? `V${bottom} H1`
      : `V${bottom - r} Q${w} ${bottom} ${w - r} ${bottom} H${1 + r} Q1 ${bottom} 1 ${bottom - r}`
  return `M1 ${1 + r} Q1 1 ${1 + r} 1 H${w - r} Q${w} 1 ${w} ${1 + r} ${foot} z`
}

function linkLine(chart: Chart, link: Link): string {
  const kind = linkKind(chart, link.edges)
  return `<path class="line ${kind}" ${ends(link)} marker-end="url(#arrow-${kind})" d="${rounded(link.points)}"/>`
}

function linkLabel(chart: Chart, region: string, link: Link): string {
  const { x, y, text } = link
  const title = `${link.from.title} to ${link.to.title} (${region})\n${link.edges.map(edgeSentence).join('\n')}`
  return `<g class="link" ${ends(link)} transform="translate(${px(x)} ${px(y)})"><title>${escapeMarkup(title)}</title><rect class="label" width="${px(text.width)}" height="${px(text.height)}" rx="5"/>${blockText(chart, text, 0)}</g>`
}

function ends(link: Link): string {
  return `data-from="${escapeMarkup(link.from.states.join(' '))}" data-to="${escapeMarkup(link.to.title)}"`
}

function names(_region: string, box: Box): string {
  return box.states.join(' ')
}

function blockText(chart: Chart, text: Block, top: number): string {
  return text.lines
    .map((line, index) => textLine(chart, line, PADDING, top + PADDING / 2 + (index + 0.76) * LINE))
    .join('')
}

function textLine(chart: Chart, line: Line, x: number, y: number): string {
  const spans = line
    .filter(run => run.text !== '')
    .map(run => {
      const kind = run.role === 'event' ? ` ${chart.kinds[run.text.replace(/,$/, '')]}` : ''
      return run.text.trim() === ''
        ? run.text
        : `<tspan class="${run.role}${kind}">${escapeMarkup(run.text)}</tspan>`
    })
  return `<text xml:space="preserve" x="${px(x)}" y="${px(y)}">${spans.join('')}</text>`
}

/** The kind of all the events of a line, or `mixed`. */
function linkKind(chart: Chart, edges: readonly Edge[]): string {
  const kinds = new Set(edges.flatMap(edge => edge.events).map(event => chart.kinds[event]!))
  return kinds.size === 1 ? [...kinds][0]! : 'mixed'
}

/** A transition as a line of plain text, for tooltips. */
function edgeSentence(edge: Edge): string {
  const guard = edge.guard === '' ? '' : ` [${edge.guard}]`
  const actions = edge.actions.length === 0 ? '' : ` / ${edge.actions.join('; ')}`
  return `${edge.events.join(', ')}${guard}${actions}`
}

function legend(y: number): string {
  const entries: [string, string][] = [
    ['event application', 'application'],
    ['event packet', 'packet'],
    ['event timer', 'timer'],
    ['guard', '[guard]'],
    ['action', '/ action; action'],
  ]
  let x = GAP
  const texts = entries.map(([cls, word]) => {
    const text = `<text class="${cls}" x="${px(x)}" y="${y + 12}">${word}</text>`
    x += (word.length + 3) * CHARACTER
    return text
  })
  return `<g class="legend">${texts.join('')}</g>`
}

/** A path through the points whose corners are rounded. */
function rounded(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [start, ...rest] = points
  let path = `M${px(start!.x)} ${px(start!.y)}`
  rest.forEach((point, index) => {
    const next = rest[index + 1]
    const before = points[index]!
    if (!next) {
      path += ` L${px(point.x)} ${px(point.y)}`
      return
    }
    const enter = towards(point, before)
    const leave = towards(point, next)
    path += ` L${px(enter.x)} ${px(enter.y)} Q${px(point.x)} ${px(point.y)} ${px(leave.x)} ${px(leave.y)}`
  })
  return path
}

/** The point at most a corner's radius away from one point in the direction of another, and at most half way. */
function towards(point: { x: number; y: number }, other: { x: number; y: number }): { x: number; y: number } {
  const distance = Math.hypot(other.x - point.x, other.y - point.y)
  const part = distance === 0 ? 0 : Math.min(7, distance / 2) / distance
  return { x: point.x + (other.x - point.x) * part, y: point.y + (other.y - point.y) * part }
}

/** A coordinate to a tenth of a pixel. */
function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}
