import { at } from '../../checker/text/at.ts'
import { mermaidText } from '../markup.ts'
import { ANY_STATE, type Chart, type Region, type State } from './chart.ts'
import { edgeText } from './edgeText.ts'

/** The machine as a Mermaid `stateDiagram-v2`: regions as concurrent parts of one composite state. */
export function mermaid(chart: Chart): string {
  const regions = chart.regions.map(regionLines)
  const lines =
    regions.length === 1
      ? at(regions, 0)
      : [`state "${mermaidText(chart.name)}" as machine {`, ...regions.flatMap(separated), '}']
  return `stateDiagram-v2\n${lines.map(line => `  ${line}\n`).join('')}`
}

function separated(lines: readonly string[], index: number): string[] {
  return [...(index > 0 ? ['--'] : []), ...lines].map(line => `  ${line}`)
}

function regionLines(region: Region): string[] {
  const id = (name: string) => `${region.name}_${name}`.replace(/\W/g, '_')
  const anywhere = region.edges.some(edge => edge.from === ANY_STATE)
  return [
    ...region.states.flatMap(state => stateLines(state, id(state.name))),
    ...(anywhere ? [`state "${mermaidText(ANY_STATE)}" as ${id(ANY_STATE)}`] : []),
    `[*] --> ${id(region.initial)}`,
    ...region.edges.map(edge => `${id(edge.from)} --> ${id(edge.to)} : ${mermaidText(edgeText(edge))}`),
    ...region.states.filter(state => state.final).map(state => `${id(state.name)} --> [*]`),
  ]
}

function stateLines({ name, entry, exit }: State, id: string): string[] {
  const hook = (word: string, actions: readonly string[]) =>
    actions.length === 0 ? [] : [`${id} : ${mermaidText(`${word} / ${actions.join('; ')}`)}`]
  return [`state "${mermaidText(name)}" as ${id}`, ...hook('entry', entry), ...hook('exit', exit)]
}
