import type { Progress } from '../../checker/search/search.ts'
import { count, duration, rate } from '../screen.ts'

const MIB = 2 ** 20

/** Returns the progress of an exploration as a line of text. */
export function progressText(model: string, progress: Progress): string {
  const { distinct, depth, frontier, bytes, pass, of } = progress
  const found = `${model}: ${count(distinct)} states`
  const size = `${count(bytes / MIB)} MB`
  const speed = `${rate(progress.rate)}/s`
  if (pass === 0) return `${found}, ${speed}, depth ${depth}, frontier ${count(frontier)}, ${size}`
  const part = Math.floor((100 * (distinct - frontier)) / distinct)
  // After the last state a pass settles its marks. Its duration is unknown.
  const now = frontier === 0 ? 'settling' : `${part} %, ${speed}, ${duration(frontier / progress.rate)} left`
  return `${found}, depth ${depth}, ${of} pass ${pass}: ${now}, ${size}`
}
