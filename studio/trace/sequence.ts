import { escapeMarkup } from '../markup.ts'
import type { Packet, Story, StoryStep } from './story.ts'
import { isRepeated, isViolation, packetText, participants } from './words.ts'

/** Height of a step's row, in pixels: the page's list of steps has rows of the same height beside it. */
export const ROW_PX = 46

/** Height of the row with the hosts' names, in pixels. */
export const HEAD_PX = 40

const LANE_PX = 190

const CHARACTER_PX = 7

/** The trace as a sequence drawing: a lane a host, a row a step. An SVG element to stand in the page. */
export function sequence(story: Story): string {
  const hosts = participants(story)
  const width = Math.max(1, hosts.length) * LANE_PX
  const height = HEAD_PX + story.steps.length * ROW_PX
  const lane = (host: string) => (hosts.indexOf(host) + 0.5) * LANE_PX
  const lines = hosts.map(host => `<path class="lane" d="M${lane(host)} ${HEAD_PX - 6}V${height}"/>`)
  const names = hosts.map(
    host => `<text class="host" x="${lane(host)}" y="24" text-anchor="middle">${clip(host)}</text>`,
  )
  const rows = story.steps.map((step, row) => stepDrawing(story, step, row, lane, width))
  return `<svg class="sequence" xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" aria-hidden="true">
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 1L10 5L0 9z"/></marker></defs>
${[...lines, ...names, ...rows].join('\n')}
</svg>`
}

function stepDrawing(
  story: Story,
  step: StoryStep,
  row: number,
  lane: (host: string) => number,
  width: number,
): string {
  const y = HEAD_PX + row * ROW_PX
  const bad = isViolation(story, step.index) ? ' bad' : ''
  const again = isRepeated(story, step.index) ? ' again' : ''
  const { packet, host } = step
  const dot = host === '' ? '' : `<circle class="dot" cx="${lane(host)}" cy="${ROW_PX * 0.66}" r="4.5"/>`
  return `<g class="row${bad}${again}" data-row="${row}" transform="translate(0 ${y})"><rect class="ground" width="${width}" height="${ROW_PX}"/>${again === '' ? '' : `<path class="cycle" d="M2 0V${ROW_PX}"/>`}${packet ? arrow(packet, lane(packet.from), lane(packet.to)) : ''}${dot}</g>`
}

function arrow(packet: Packet, from: number, to: number): string {
  const y = ROW_PX * 0.66
  const text = packetText({ ...packet, lost: false })
  const title = `<title>${escapeMarkup(text)}</title>`
  if (from === to) {
    return `<g class="packet">${title}<path class="arrow" marker-end="url(#tip)" d="M${from} ${y - 14}h30v14h-24"/><text x="${from + 36}" y="${y - 4}">${clip(text)}</text></g>`
  }
  const stop = packet.lost ? from + (to - from) * 0.62 : to - Math.sign(to - from) * 6
  const end = packet.lost ? `<path class="cross" d="M${stop - 6} ${y - 6}l12 12m0-12l-12 12"/>` : ''
  const tip = packet.lost ? '' : ' marker-end="url(#tip)"'
  const label = `<text x="${(from + to) / 2}" y="${y - 8}" text-anchor="middle">${clip(text, Math.abs(to - from))}</text>`
  return `<g class="packet${packet.lost ? ' lost' : ''}">${title}<path class="arrow"${tip} d="M${from} ${y}H${stop}"/>${end}${label}</g>`
}

/** Text that fits a width, escaped. */
function clip(text: string, width = LANE_PX): string {
  const most = Math.floor(width / CHARACTER_PX)
  return escapeMarkup(text.length > most ? `${text.slice(0, most - 1)}…` : text)
}
