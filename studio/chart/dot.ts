import { at } from '../../checker/text/at.ts'
import { ANY_STATE, type Chart, type Edge, type Region, type State } from './chart.ts'
import { edgeText } from './edgeText.ts'
import { gather } from './shared.ts'

/** The machine in Graphviz's language: a cluster a region, transitions that stay in a state listed inside it. */
export function dot(chart: Chart): string {
  return `digraph ${quoted(chart.name)} {
  rankdir=TB
  compound=true
  node [shape=box style=rounded fontname="monospace" fontsize=11]
  edge [fontname="monospace" fontsize=10]
${chart.regions.map(cluster).join('\n')}
}
`
}

function cluster(region: Region, index: number): string {
  const inside = (name: string) => region.edges.filter(edge => edge.from === name && edge.to === name)
  const between = gather(
    region.edges.filter(edge => edge.from !== edge.to),
    edge => JSON.stringify([edge.from, edge.to]),
  )
  const anywhere = region.edges.some(edge => edge.from === ANY_STATE)
  const start = `${region.name}.(start)`
  const lines = [
    `label=${quoted(region.name)}`,
    `${quoted(start)} [shape=point label=""]`,
    ...region.states.map(state => stateLine(region, state, inside(state.name))),
    ...(anywhere ? [node(region, ANY_STATE, inside(ANY_STATE).map(edgeText), 'style="rounded,dashed"')] : []),
    `${quoted(start)} -> ${id(region, region.initial)}`,
    ...between.map(edges => edgeLine(region, edges)),
  ]
  return `  subgraph cluster_${index} {\n${lines.map(line => `    ${line}\n`).join('')}  }`
}

function stateLine(region: Region, state: State, inside: readonly Edge[]): string {
  const hook = (word: string, actions: readonly string[]) =>
    actions.length === 0 ? [] : [`${word} / ${actions.join('; ')}`]
  const rows = [...hook('entry', state.entry), ...hook('exit', state.exit), ...inside.map(edgeText)]
  return node(region, state.name, rows, state.final ? 'peripheries=2' : '')
}

function node(region: Region, name: string, rows: readonly string[], attributes: string): string {
  const label = [`${escaped(name)}\\n`, ...rows.map(row => `${escaped(row)}\\l`)].join('')
  return `${id(region, name)} [label="${label}"${attributes === '' ? '' : ` ${attributes}`}]`
}

function edgeLine(region: Region, edges: readonly Edge[]): string {
  const { from, to } = at(edges, 0)
  const label = edges.map(edge => `${escaped(edgeText(edge))}\\l`).join('')
  return `${id(region, from)} -> ${id(region, to)} [label="${label}"]`
}

function id(region: Region, name: string): string {
  return quoted(`${region.name}.${name}`)
}

function quoted(text: string): string {
  return `"${escaped(text)}"`
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\s+/g, ' ')
}
