import { must } from '../../checker/text/at.ts'
import { fitTable } from '../columns.ts'
import { ANY_STATE, type Chart, type Edge, type Region } from './chart.ts'
import { triggerText } from './edgeText.ts'

/** The machine as a table of its transitions in document order, in lines of at most `width` columns. */
export function text(chart: Chart, { width = 100 }: { readonly width?: number } = {}): string {
  const blocks = chart.regions.map(region => regionText(region, width))
  return [`${chart.name}: ${chart.transitions} transitions\n`, ...blocks].join('\n')
}

function regionText(region: Region, width: number): string {
  const { name, states, edges, initial } = region
  const sources = [...states.map(state => state.name), ANY_STATE]
  const rows = sources.flatMap(source => sourceRows(region, source))
  const title = `${name}: ${states.length} states, ${edges.reduce((sum, edge) => sum + edge.events.length, 0)} transitions, starts in ${initial}`
  const [heading, ...lines] = fitTable([['STATE', 'EVENT [GUARD]', 'NEXT', 'ACTIONS'], ...rows], width)
  return [title, ...must(heading), ...lines.flat()].map(line => `${line}\n`).join('')
}

/** A state's rows; only the first names it. */
function sourceRows({ states, edges }: Region, source: string): string[][] {
  const state = states.find(({ name }) => name === source)
  const hook = (word: string, actions: readonly string[] = []) =>
    actions.length === 0 ? [] : [[`(${word})`, '', actions.join('; ')]]
  const rows = [
    ...hook('entry', state?.entry),
    ...hook('exit', state?.exit),
    ...edges.filter(edge => edge.from === source).map(edgeRow),
  ]
  if (rows.length === 0) return state ? [[source, state.final ? '(final)' : '', '', '']] : []
  return rows.map((row, index) => [index === 0 ? source : '', ...row])
}

function edgeRow(edge: Edge): string[] {
  return [triggerText(edge), edge.to === edge.from ? '' : edge.to, edge.actions.join('; ')]
}
