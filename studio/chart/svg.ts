import { at, must } from '../../checker/text/at.ts'
import { escapeMarkup } from '../markup.ts'
import { type Chart, type Edge, EVENT_KINDS } from './chart.ts'
import { edgeText } from './edgeText.ts'
import type { Line } from './label.ts'
import { type Block, type Box, type Link, layout, type Placed } from './layout.ts'
import { CHARACTER, LINE, PADDING, TITLE_CHARACTER, TITLE_LINE } from './metrics.ts'
import { chartStyle } from './palette.ts'
import { px, roundedPath } from './path.ts'

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
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="chart-title chart-description">
<title id="chart-title">${escapeMarkup(`State machine ${chart.name}`)}</title>
<desc id="chart-description">${escapeMarkup(description(chart))}</desc>
<style>
${chartStyle()}
</style>
<defs>
${['mixed', ...EVENT_KINDS].map(marker).join('\n')}
</defs>
<rect class="paper" width="${width}" height="${height}" rx="12"/>
${panels.join('\n')}
${legend(chart, height - LEGEND + 20)}
</svg>
`
}

function description({ regions, transitions }: Chart): string {
  const parts = regions.map(({ name, states }) => `${name} (${states.map(state => state.name).join(', ')})`)
  return `${parts.join('; ')}. ${transitions} transitions.`
}

function marker(kind: string): string {
  return `<marker id="arrow-${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="arrow ${kind}" d="M0 1 L10 5 L0 9 z"/></marker>`
}

function regionPanel(chart: Chart, region: Placed, y: number, width: number): string {
  return `<g class="region-panel" transform="translate(${GAP} ${px(y)})">
<rect class="region" width="${px(width)}" height="${px(region.height + REGION_TITLE)}" rx="10"/>
<text class="region-title" x="16" y="22">${escapeMarkup(region.name)}</text>
<g transform="translate(${px((width - region.width) / 2)} ${REGION_TITLE})">
${region.links.map(link => linkLine(chart, link)).join('\n')}
${region.boxes.map(box => boxDrawing(chart, region, box)).join('\n')}
${region.links.map(link => linkLabel(chart, link)).join('\n')}
</g>
</g>`
}

function boxDrawing(chart: Chart, region: Placed, box: Box): string {
  const { x, y, width, height, states, shared } = box
  const parts = [
    `<title>${escapeMarkup(boxTooltip(chart, region, box))}</title>`,
    `<rect class="box" width="${width}" height="${height}" rx="6"/>`,
    shared ? '' : `<path class="head" d="${headPath(width, height)}"/>`,
    box.final ? `<rect class="final" x="3" y="3" width="${width - 6}" height="${height - 6}" rx="4"/>` : '',
    box.initial
      ? `<circle class="dot" cx="${px((width - box.title.length * TITLE_CHARACTER) / 2 - 12)}" cy="${TITLE_LINE / 2}" r="4.5"/>`
      : '',
    `<text class="${shared ? 'plain' : 'title'}" x="${width / 2}" y="${TITLE_LINE / 2 + 5}" text-anchor="middle">${escapeMarkup(box.title)}</text>`,
    blockText(chart, box.text, TITLE_LINE),
  ]
  return `<g class="state${shared ? ' shared' : ''}" data-states="${escapeMarkup(JSON.stringify(states))}" transform="translate(${px(x)} ${px(y)})">${parts.join('')}</g>`
}

/** All that leads from a box's state, in document order, also what is drawn elsewhere because others share it. */
function boxTooltip(chart: Chart, region: Placed, { states, title, shared }: Box): string {
  if (shared) return states.join(', ')
  const edges = must(chart.regions.find(({ name }) => name === region.name)).edges
  const lines = edges
    .filter(edge => edge.from === title)
    .map(edge => (edge.to === title ? '' : `${edge.to}: `) + edgeText(edge))
  return [`${region.name}.${title}`, ...lines].join('\n')
}

/** The title's background: round at the top, and at the bottom too where nothing follows. */
function headPath(width: number, height: number): string {
  const [right, bottom, radius] = [width - 1, Math.min(height, TITLE_LINE) - 1, 5]
  const foot =
    height > TITLE_LINE
      ? `V${bottom} H1`
      : `V${bottom - radius} Q${right} ${bottom} ${right - radius} ${bottom} H${1 + radius} Q1 ${bottom} 1 ${bottom - radius}`
  return `M1 ${1 + radius} Q1 1 ${1 + radius} 1 H${right - radius} Q${right} 1 ${right} ${1 + radius} ${foot} z`
}

function linkLine(chart: Chart, link: Link): string {
  const kind = linkKind(chart, link.edges)
  return `<path class="line ${kind}" ${ends(link)} marker-end="url(#arrow-${kind})" d="${roundedPath(link.points)}"/>`
}

function linkLabel(chart: Chart, link: Link): string {
  const { x, y, text, from, to, edges } = link
  const title = [`${from.states.join(', ')} to ${to.title}`, ...edges.map(edgeText)].join('\n')
  return `<g class="link" ${ends(link)} transform="translate(${px(x)} ${px(y)})"><title>${escapeMarkup(title)}</title><rect class="label" width="${px(text.width)}" height="${px(text.height)}" rx="5"/>${blockText(chart, text, 0)}</g>`
}

function ends({ from, to }: Link): string {
  const list = (box: Box) => escapeMarkup(JSON.stringify(box.states))
  return `data-from="${list(from)}" data-to="${list(to)}"`
}

function blockText(chart: Chart, text: Block, top: number): string {
  const first = top + PADDING / 2 + 0.76 * LINE
  return text.lines.map((line, index) => textLine(chart, line, first + index * LINE)).join('')
}

function textLine(chart: Chart, line: Line, y: number): string {
  const spans = line.map(({ text, role }) => {
    if (text.trim() === '') return text
    const kind = role === 'event' ? ` ${chart.kinds[text.replace(/,$/, '')]}` : ''
    return `<tspan class="${role}${kind}">${escapeMarkup(text)}</tspan>`
  })
  return `<text xml:space="preserve" x="${PADDING}" y="${px(y)}">${spans.join('')}</text>`
}

/** The kind of all the events of a line, or `mixed`. */
function linkKind(chart: Chart, edges: readonly Edge[]): string {
  const kinds = new Set(edges.flatMap(edge => edge.events.map(event => must(chart.kinds[event]))))
  return kinds.size === 1 ? at([...kinds], 0) : 'mixed'
}

function legend(chart: Chart, y: number): string {
  const kinds = new Set(Object.values(chart.kinds))
  const entries = [
    ...EVENT_KINDS.filter(kind => kinds.has(kind)).map(
      kind => [`event ${kind}`, kind.toUpperCase()] as const,
    ),
    ['guard', '[guard]'],
    ['action', '/ action; action'],
    ['plain', 'dashed: what the states that it lists have in common'],
  ] as const
  let x = GAP + 16
  const texts = entries.map(([style, word]) => {
    const text = `<text class="${style}" x="${px(x)}" y="${y}">${word}</text>`
    x += (word.length + 3) * CHARACTER
    return text
  })
  return `<g class="legend">${texts.join('')}</g>`
}
