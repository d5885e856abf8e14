import { styleText } from 'node:util'
import { at, must } from '../../checker/text/at.ts'
import { printable } from '../../checker/text/printable.ts'
import { fitTable, type Paint, wrapText } from '../columns.ts'
import type { Story, StoryStep } from './story.ts'
import { changeText, isRepeated, isViolation, packetText, verdictText } from './words.ts'

export interface TraceTextOptions {
  /** Columns of the terminal. */
  readonly width?: number
  readonly colour?: boolean
}

type Style = Parameters<typeof styleText>[0]

/** Stands before the number of a step that is repeated forever. */
const REPEATED = '↻ '

const HEADINGS = ['#', 'HOST', 'RULE', 'EVENT', 'PACKET', 'CHANGES']

const COLUMN_STYLES: readonly Style[] = ['gray', 'bold', 'cyan', 'green', 'blue', 'yellow']

/** The trace as a table of its steps, with only those registers that change, then the verdict. */
export function traceText(story: Story, { width = 100, colour = false }: TraceTextOptions = {}): string {
  const paint = (style: Style, text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const paintCell: Paint = (piece, column, row) => {
    if (row === 0) return paint('gray', piece)
    const bad = isViolation(story, at(story.steps, row - 1).index)
    return paint(bad ? ['bold', 'red'] : at(COLUMN_STYLES, column), piece)
  }
  const [heading, ...rows] = fitTable(
    [HEADINGS, ...story.steps.map(step => cells(step, isRepeated(story, step.index)))],
    width,
    paintCell,
  )
  const notes = story.steps.map(step =>
    remarks(step).flatMap(remark => wrapText(remark, width - 4).map(line => `    ${paint('gray', line)}`)),
  )
  const verdict = wrapText(printable(verdictText(story)), width).map(line =>
    paint(['bold', story.verdict.outcome === 'holds' ? 'green' : 'red'], line),
  )
  const lines = [
    ...wrapText(printable(story.title), width).map(line => paint('bold', line)),
    '',
    ...must(heading),
    ...rows.flatMap((row, index) => [...row, ...at(notes, index)]),
    '',
    ...verdict,
  ]
  return lines.map(line => `${line}\n`).join('')
}

function cells({ index, host, rule, event, packet, changes }: StoryStep, repeated: boolean): string[] {
  const sent = packet ? `${packet.from}→${packet.to} ${packetText(packet)}` : ''
  return [
    `${repeated ? REPEATED : ''}${index}`,
    host,
    rule,
    event,
    sent,
    changes.map(changeText).join(', '),
  ].map(printable)
}

function remarks({ fired, note }: StoryStep): string[] {
  const taken = fired.length > 0 ? [`takes ${fired.join(', ')}`] : []
  return [...taken, ...(note ? [note] : [])].map(printable)
}
