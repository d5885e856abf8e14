import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { match } from 'ts-pattern'
import { decode } from '../../checker/trace/decode.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import type { Chart } from '../../studio/chart/chart.ts'
import { dot } from '../../studio/chart/dot.ts'
import { html } from '../../studio/chart/html.ts'
import { mermaid } from '../../studio/chart/mermaid.ts'
import { svg } from '../../studio/chart/svg.ts'
import { text } from '../../studio/chart/text.ts'
import type { Story } from '../../studio/trace/story.ts'
import { traceHtml } from '../../studio/trace/traceHtml.ts'
import { traceMermaid } from '../../studio/trace/traceMermaid.ts'
import { traceText } from '../../studio/trace/traceText.ts'
import { catalogue } from '../../traces/catalogue.ts'
import { storyOf } from '../../traces/storyOfTrace.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { assertWritable, readText, writeText } from '../files.ts'
import { machines } from '../machines.ts'
import { suggestion } from '../nearest.ts'
import { writeOut } from '../rim.ts'
import { colour, width } from '../screen.ts'

export interface VisualizeOptions {
  readonly format?: string
  readonly output?: string
}

const FORMATS = ['svg', 'mermaid', 'dot', 'html', 'text'] as const
type Format = (typeof FORMATS)[number]

/** Formats by the extension of a file name. */
const EXTENSIONS: Readonly<Record<string, Format>> = {
  '.svg': 'svg',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
  '.html': 'html',
  '.txt': 'text',
}

/** How text is shown: as wide and coloured as the terminal that it goes to. */
type TextStyle = NonNullable<Parameters<typeof traceText>[1]>

export const define: Define = (command, done) => {
  command
    .description(`Draws a machine (${Object.keys(machines).join(', ')}) or a trace.`)
    .argument('<subject>', `${Object.keys(machines).join(', ')}, or a trace file`)
    .option(
      '--format <format>',
      'svg, mermaid, dot, html or text (default: by the extension of --output, else text)',
    )
    .option('-o, --output <file>', 'write to a file (default: standard output)')
    .action(async (subject: string, options: VisualizeOptions) => {
      done(await visualize(subject, options))
    })
}

/** `serval visualize`: a machine or a trace as a picture or a text. */
export async function visualize(subject: string, { format, output }: VisualizeOptions): Promise<number> {
  const chosen = formatOf(format, output)
  if (output !== undefined) assertWritable(output)
  const style = output === undefined ? { width: width(), colour: colour() } : {}
  const machine = Object.hasOwn(machines, subject) ? machines[subject] : undefined
  const picture = machine ? await drawChart(machine(), chosen, style) : drawTrace(subject, chosen, style)
  const whole = picture.endsWith('\n') ? picture : `${picture}\n`
  if (output === undefined) writeOut(whole)
  else writeText(output, whole)
  return EXIT.HOLDS
}

function formatOf(format: string | undefined, output: string | undefined): Format {
  if (format === undefined) return EXTENSIONS[extname(output ?? '').toLowerCase()] ?? 'text'
  const known = FORMATS.find(name => name === format)
  if (known) return known
  throw new CliError('CLI_FORMAT', `there is no format '${format}'${suggestion(format, FORMATS)}`)
}

const drawChart = async (chart: Chart, format: Format, style: TextStyle): Promise<string> =>
  match(format)
    .with('svg', () => svg(chart))
    .with('html', () => html(chart))
    .with('mermaid', () => mermaid(chart))
    .with('dot', () => dot(chart))
    .with('text', () => text(chart, style))
    .exhaustive()

function drawTrace(path: string, format: Format, style: TextStyle): string {
  const story = storyAt(path)
  return match(format)
    .with('html', () => traceHtml(story))
    .with('mermaid', () => traceMermaid(story))
    .with('text', () => traceText(story, style))
    .with('svg', 'dot', () => {
      throw new CliError('CLI_FORMAT', `a trace cannot be drawn as ${format}; give html, mermaid or text`)
    })
    .exhaustive()
}

function storyAt(path: string): Story {
  if (!existsSync(path)) {
    const known = Object.keys(machines)
    throw new CliError(
      'CLI_SUBJECT',
      `'${path}' is neither a machine nor a trace's file${suggestion(path, known)}`,
    )
  }
  const trace = decode(readText(path))
  return storyOf(trace, settingOf(trace, catalogue))
}
