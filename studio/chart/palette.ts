import { EVENT_KINDS, type EventKind } from './chart.ts'
import { FONT, FONT_SIZE, TITLE_SIZE } from './metrics.ts'

interface Palette {
  readonly paper: string
  readonly region: string
  readonly border: string
  readonly box: string
  readonly head: string
  readonly shared: string
  readonly ink: string
  readonly quiet: string
  readonly kinds: Readonly<Record<EventKind, string>>
}

const LIGHT: Palette = {
  paper: '#ffffff',
  region: '#f6f8fa',
  border: '#8c959f',
  box: '#ffffff',
  head: '#e7edf5',
  shared: '#fff8e6',
  ink: '#1f2328',
  quiet: '#59636e',
  kinds: { application: '#1a7f37', packet: '#0550ae', timer: '#a04100', automatic: '#6e40aa' },
}

const DARK: Palette = {
  paper: '#0d1117',
  region: '#131a23',
  border: '#6e7681',
  box: '#1b232e',
  head: '#27364a',
  shared: '#2c2716',
  ink: '#e6edf3',
  quiet: '#9aa4af',
  kinds: { application: '#57c76b', packet: '#79b8ff', timer: '#f0a45d', automatic: '#c9a6ff' },
}

/** The drawing's style sheet: literal colours, because rasterizers know no custom properties. */
export function chartStyle(): string {
  return `text { font: ${FONT_SIZE}px ${FONT}; white-space: pre }
.title { font-size: ${TITLE_SIZE}px; font-weight: bold }
.region-title { font-size: ${TITLE_SIZE}px; letter-spacing: 1px }
.event { font-weight: bold }
.guard { font-style: italic }
.line { fill: none; stroke-width: 1.6 }
${colours(LIGHT)}`
}

/** The same in the dark, for a page to add after {@link chartStyle}. */
export function darkChartStyle(): string {
  return colours(DARK)
}

function colours(palette: Palette): string {
  const { paper, region, border, box, head, shared, ink, quiet, kinds } = palette
  const ofKinds = EVENT_KINDS.map(
    kind =>
      `.event.${kind}, .arrow.${kind} { fill: ${kinds[kind]} }\n.line.${kind} { stroke: ${kinds[kind]} }`,
  )
  return `.paper { fill: ${paper} }
.region { fill: ${region}; stroke: ${border}; stroke-opacity: 0.4 }
.box { fill: ${box}; stroke: ${border} }
.head { fill: ${head}; stroke: none }
.shared .box { fill: ${shared}; stroke-dasharray: 4 3 }
.label { fill: ${region}; stroke: ${border}; stroke-opacity: 0.35 }
.final { fill: none; stroke: ${border} }
.dot { fill: ${ink} }
.title, .action { fill: ${ink} }
.guard, .plain, .region-title { fill: ${quiet} }
.line.mixed { stroke: ${quiet} }
.arrow.mixed { fill: ${quiet} }
${ofKinds.join('\n')}`
}
