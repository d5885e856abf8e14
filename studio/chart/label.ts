import { at, must } from '../../checker/text/at.ts'
import type { Edge } from './chart.ts'

/** A piece of text of one meaning; an event's own kind gives its colour. */
export interface Run {
  readonly text: string
  readonly role: 'event' | 'guard' | 'action' | 'plain'
}

export type Line = readonly Run[]

/** A label's preferred width. Longer words stand alone on their line. */
const COLUMNS = 42

const INDENT = '  '

/** A transition in lines: `EVENT, EVENT [guard]`, then `/ action; action`, on one line if both fit. */
export function edgeLines(edge: Edge): Line[] {
  const head = [...spaced(edge.events, ',', 'event'), ...guardRuns(edge.guard)]
  const actions = edge.actions.length > 0 ? edge.actions : edge.from === edge.to ? ['ignored'] : []
  return withActions(head, actions)
}

/** Entry or exit actions in lines. */
export function hookLines(hook: 'entry' | 'exit', actions: readonly string[]): Line[] {
  return actions.length === 0 ? [] : withActions([{ text: hook, role: 'plain' }], actions)
}

/** Words wrapped to the preferred width. */
export function wordLines(words: readonly string[]): Line[] {
  return wrapped(spaced(words, ',', 'plain'), '')
}

/** Columns that lines need in a fixed-width font. */
export function columns(lines: readonly Line[]): number {
  return Math.max(0, ...lines.map(line => line.reduce((sum, run) => sum + run.text.length, 0)))
}

function withActions(head: readonly Run[], actions: readonly string[]): Line[] {
  if (actions.length === 0) return wrapped(head, INDENT)
  const tail = spaced(actions, ';', 'action')
  tail[0] = { text: `/ ${at(tail, 0).text}`, role: 'action' }
  const together = wrapped([...head, ...tail], INDENT)
  return together.length === 1 ? together : [...wrapped(head, INDENT), ...wrapped(tail, INDENT, INDENT)]
}

function guardRuns(guard: string): Run[] {
  return guard === '' ? [] : `[${guard}]`.split(' ').map(text => ({ text, role: 'guard' }))
}

function spaced(words: readonly string[], separator: string, role: Run['role']): Run[] {
  return words.map((word, index) => ({ text: index < words.length - 1 ? word + separator : word, role }))
}

/** Fills lines with words; `rest` indents all lines but the first, which `first` indents. */
function wrapped(words: readonly Run[], rest: string, first = ''): Line[] {
  const lines: Run[][] = []
  let width = Number.POSITIVE_INFINITY
  for (const word of words) {
    if (width + 1 + word.text.length > COLUMNS) {
      const indent = lines.length === 0 ? first : first + rest
      lines.push([{ text: indent, role: 'plain' }, word])
      width = indent.length + word.text.length
    } else {
      must(lines.at(-1)).push({ text: ' ', role: 'plain' }, word)
      width += 1 + word.text.length
    }
  }
  return lines
}
