import { at, must } from '../../checker/text/at.ts'
import { mermaidText } from '../markup.ts'
import type { Story, StoryStep } from './story.ts'
import { changeText, isViolation, packetText, participants, verdictText } from './words.ts'

/** The trace as a Mermaid `sequenceDiagram`: a packet an arrow, crossed out if lost; other steps and changes notes. */
export function traceMermaid(story: Story): string {
  const hosts = participants(story)
  const id = (host: string) => `host${hosts.indexOf(host)}`
  const everyone = hosts.length > 0 ? [...new Set([id(at(hosts, 0)), id(must(hosts.at(-1)))])].join(',') : ''
  const stepLines = (step: StoryStep): string[] => {
    const { packet, host, index } = step
    const over = host === '' ? everyone : id(host)
    const arrow = packet
      ? [
          `${id(packet.from)}${packet.lost ? '-x' : '->>'}${id(packet.to)}: ${mermaidText(`${index}. ${packetText(packet)}`)}`,
        ]
      : []
    const note = noteParts(step).map(mermaidText).join('<br/>')
    const bad = isViolation(story, index) ? [`Note over ${everyone}: ${mermaidText(verdictText(story))}`] : []
    const begin = story.loop === index ? ['loop forever'] : []
    return [...begin, ...arrow, `Note over ${over}: ${note}`, ...bad]
  }
  const isLoop = story.loop !== undefined && story.loop <= story.steps.length
  const end = [
    ...(isLoop ? ['end'] : []),
    ...(story.loop === undefined ? [] : [`Note over ${everyone}: ${mermaidText(verdictText(story))}`]),
  ]
  const lines = [
    ...hosts.map(host => `participant ${id(host)} as ${mermaidText(host)}`),
    ...(hosts.length > 0 ? [...story.steps.flatMap(stepLines), ...end] : []),
  ]
  return `---\ntitle: ${JSON.stringify(story.title)}\n---\nsequenceDiagram\n${lines.map(line => `  ${line}\n`).join('')}`
}

function noteParts({ index, rule, event, changes, note }: StoryStep): string[] {
  const seen = event === '' ? '' : `: ${event}`
  return [`${index}. ${rule}${seen}`, ...changes.map(changeText), ...(note ? [note] : [])]
}
