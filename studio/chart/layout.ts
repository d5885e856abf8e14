import Elk from 'elkjs/lib/elk.bundled.js'
import type { ElkExtendedEdge, ElkNode, ElkPoint } from 'elkjs/lib/elk-api.js'
import { at, must } from '../../checker/text/at.ts'
import { ANY_STATE, type Edge, type Region, type State } from './chart.ts'
import { columns, edgeLines, hookLines, type Line, wordLines } from './label.ts'
import { CHARACTER, LINE, PADDING, TITLE_CHARACTER, TITLE_LINE } from './metrics.ts'
import { factor, type Group, gather } from './shared.ts'

/** Lines of text and the room they take, in pixels. */
export interface Block {
  readonly lines: readonly Line[]
  readonly width: number
  readonly height: number
}

/** A state, or what several states share, with its place. */
export interface Box {
  readonly id: string
  /** The states that the box stands for: one, unless `shared`. */
  readonly states: readonly string[]
  readonly title: string
  readonly shared: boolean
  readonly final: boolean
  readonly initial: boolean
  readonly text: Block
  readonly edges: readonly Edge[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** All transitions from one box to another: one line with one label. */
export interface Link {
  readonly from: Box
  readonly to: Box
  readonly edges: readonly Edge[]
  readonly text: Block
  readonly x: number
  readonly y: number
  readonly points: readonly ElkPoint[]
}

/** A region with every box, label and bend in its place, in pixels from its own corner. */
export interface Placed {
  readonly name: string
  readonly boxes: readonly Box[]
  readonly links: readonly Link[]
  readonly width: number
  readonly height: number
}

type NewBox = Omit<Box, 'x' | 'y'>
type NewLink = {
  readonly from: NewBox
  readonly to: NewBox
  readonly edges: readonly Edge[]
  readonly text: Block
}

/**
 * Downwards, because labels are wide and flat; model order keeps the way of a connection from top to bottom; linear
 * segments gave two thirds of the width of the other placements.
 */
const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.randomSeed': '1',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.separateConnectedComponents': 'false',
  'elk.layered.thoroughness': '60',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.nodePlacement.strategy': 'LINEAR_SEGMENTS',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.padding': '[top=20,left=20,bottom=20,right=20]',
}

/** A label sits on its line, so that it is plain which is whose. */
const ON_ITS_LINE = { 'elk.edgeLabels.inline': 'true' }

/** Transitions that states share stand below them, even without a line. */
const LAST = { 'elk.layered.layering.layerConstraint': 'LAST' }

/** Lays out a region. The same region always gets the same layout. */
export async function layout(region: Region): Promise<Placed> {
  const { own, groups } = factor(region)
  const boxes = boxesOf(region, own, groups)
  const links = linksOf(boxes, own, groups)
  const lonely = (id: string) => !links.some(({ from, to }) => from.id === id || to.id === id)
  const graph: ElkNode = {
    id: region.name,
    layoutOptions: OPTIONS,
    children: boxes.map(({ id, width, height }) => ({
      id,
      width,
      height,
      layoutOptions: lonely(id) ? LAST : {},
    })),
    edges: links.map(({ from, to, text }, index) => ({
      id: `link ${index}`,
      sources: [from.id],
      targets: [to.id],
      labels: [{ text: 'label', width: text.width, height: text.height, layoutOptions: ON_ITS_LINE }],
    })),
  }
  const result = await new Elk.default().layout(graph)
  return placed(region.name, boxes, links, result)
}

function placed(name: string, boxes: readonly NewBox[], links: readonly NewLink[], result: ElkNode): Placed {
  const byId = new Map(
    boxes.map((box, index) => {
      const { x = 0, y = 0 } = at(must(result.children), index)
      return [box.id, { ...box, x, y }]
    }),
  )
  const placeLink = (link: NewLink, found: ElkExtendedEdge): Link => {
    const { startPoint, endPoint, bendPoints = [] } = at(must(found.sections), 0)
    const { x = 0, y = 0 } = at(must(found.labels), 0)
    const ends = { from: must(byId.get(link.from.id)), to: must(byId.get(link.to.id)) }
    return { ...link, ...ends, x, y, points: [startPoint, ...bendPoints, endPoint] }
  }
  return {
    name,
    boxes: [...byId.values()],
    links: links.map((link, index) => placeLink(link, at(must(result.edges), index))),
    width: must(result.width),
    height: must(result.height),
  }
}

function boxesOf(region: Region, own: readonly Edge[], groups: readonly Group[]): NewBox[] {
  const inside = (name: string) => own.filter(edge => edge.from === name && edge.to === name)
  const anywhere = own.some(edge => edge.from === ANY_STATE)
  return [
    ...region.states.map(state => stateBox(state, state.name === region.initial, inside(state.name))),
    ...(anywhere ? [sharedBox([ANY_STATE], ANY_STATE, inside(ANY_STATE))] : []),
    ...groups.map(group =>
      sharedBox(
        group.states,
        `any of these ${group.states.length}`,
        group.edges.filter(edge => edge.from === edge.to),
      ),
    ),
  ]
}

function stateBox(state: State, initial: boolean, edges: readonly Edge[]): NewBox {
  const hooks = [...hookLines('entry', state.entry), ...hookLines('exit', state.exit)]
  const text = block([...hooks, ...edges.flatMap(edgeLines)])
  const { name, final } = state
  const size = boxSize(name, text)
  return { id: name, states: [name], title: name, shared: false, final, initial, text, edges, ...size }
}

function sharedBox(states: readonly string[], title: string, edges: readonly Edge[]): NewBox {
  const names = states.length > 1 ? wordLines(states) : []
  const text = block([...names, ...edges.flatMap(edgeLines)])
  const id = states.length > 1 ? `shared by ${states.join(' ')}` : title
  return {
    id,
    states,
    title,
    shared: true,
    final: false,
    initial: false,
    text,
    edges,
    ...boxSize(title, text),
  }
}

function linksOf(boxes: readonly NewBox[], own: readonly Edge[], groups: readonly Group[]): NewLink[] {
  const byId = new Map(boxes.map(box => [box.id, box]))
  const between = (edges: readonly Edge[], source: (edge: Edge) => NewBox): NewLink[] =>
    gather(
      edges.filter(edge => edge.from !== edge.to),
      edge => JSON.stringify([edge.from, edge.to]),
    ).map(same => ({
      from: source(at(same, 0)),
      to: must(byId.get(at(same, 0).to)),
      edges: same,
      text: block(same.flatMap(edgeLines)),
    }))
  return [
    ...between(own, edge => must(byId.get(edge.from))),
    ...groups.flatMap(group =>
      between(group.edges, () => must(byId.get(`shared by ${group.states.join(' ')}`))),
    ),
  ]
}

function block(lines: readonly Line[]): Block {
  return { lines, width: columns(lines) * CHARACTER + 2 * PADDING, height: lines.length * LINE + PADDING }
}

function boxSize(title: string, text: Block): { readonly width: number; readonly height: number } {
  const width = Math.max(title.length * TITLE_CHARACTER + 6 * PADDING, text.lines.length > 0 ? text.width : 0)
  return { width: Math.ceil(width), height: TITLE_LINE + (text.lines.length > 0 ? text.height : 0) }
}
