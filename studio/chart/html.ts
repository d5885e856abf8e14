import { escapeMarkup } from '../markup.ts'
import { page } from '../page.ts'
import type { Chart, Region } from './chart.ts'
import { triggerText } from './edgeText.ts'
import { darkChartStyle } from './palette.ts'
import { svg } from './svg.ts'

/**
 * Prints a machine as one self-contained page: the drawing, which pans and zooms and lights the transitions of the state
 * under the pointer or with the focus, and all transitions as a table.
 */
export async function html(chart: Chart): Promise<string> {
  const drawing = await svg(chart)
  return page({
    title: `${chart.name}: state machine`,
    kind: 'chart',
    body: `<header><h1>${escapeMarkup(chart.name)}</h1><p>${chart.transitions} transitions. Drag to move, wheel or + and - to zoom, 0 to see all; point at a state to see its transitions.</p></header>
<main id="stage">${drawing}</main>
<style>@media (prefers-color-scheme: dark) {
${darkChartStyle()}
}</style>
<details><summary>All transitions as a table</summary>${chart.regions.map(tableOf).join('')}</details>`,
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
