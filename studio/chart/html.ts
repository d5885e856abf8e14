import { escapeMarkup } from '../markup.ts'
import { page } from '../page.ts'
import type { Chart, Region } from './chart.ts'
import { chartScript } from './chartScript.ts'
import { triggerText } from './edgeText.ts'
import { darkChartStyle } from './palette.ts'
import { svg } from './svg.ts'

const STYLE = `body { height: 100vh; display: flex; flex-direction: column }
#stage { flex: 1; min-height: 0; overflow: hidden; touch-action: none; cursor: grab }
#stage:active { cursor: grabbing }
#stage svg { display: block; width: 100%; height: 100% }
.state { cursor: pointer }
.state, .link, .line { transition: opacity 0.12s }
.lit .state:not(.on), .lit .link:not(.on), .lit .line:not(.on) { opacity: 0.13 }
.state:focus { outline: none }
.state:focus .box { stroke: var(--accent); stroke-width: 2.5 }
details { border-top: 1px solid var(--line); padding: 8px 20px; max-height: 45vh; overflow: auto }
summary { cursor: pointer; color: var(--quiet) }`

/**
 * The machine as one page that needs nothing else: the drawing with pan and zoom, a state's transitions lit when it is
 * pointed at or has the focus, and all transitions as a table.
 */
export async function html(chart: Chart): Promise<string> {
  const drawing = await svg(chart)
  return page({
    title: `${chart.name}: state machine`,
    style: STYLE,
    body: `<header><h1>${escapeMarkup(chart.name)}</h1><p>${chart.transitions} transitions. Drag to move, wheel or + and - to zoom, 0 to see all; point at a state to see what leads from and to it.</p></header>
<main id="stage">${drawing}</main>
<style>@media (prefers-color-scheme: dark) {
${darkChartStyle()}
}</style>
<details><summary>All transitions as a table</summary>${chart.regions.map(tableOf).join('')}</details>`,
    script: chartScript,
  })
}

function tableOf(region: Region): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${escapeMarkup(cell)}</${tag}>`).join('')}</tr>`
  const rows = region.edges.map(edge =>
    row([edge.from, triggerText(edge), edge.to, edge.actions.join('; ')], 'td'),
  )
  return `<table><caption>${escapeMarkup(region.name)}</caption>${row(['state', 'event [guard]', 'next', 'actions'], 'th')}${rows.join('')}</table>`
}
