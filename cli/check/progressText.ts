import type { Progress } from '../../properties/checker/search.ts'
import { count, rate } from '../screen.ts'

const MIB = 2 ** 20

/** How far an exploration is. */
export function progressText(model: string, progress: Progress): string {
  const { distinct, depth, frontier, bytes, phase } = progress
  const doing = phase === 'recover' ? 'recoverability' : `frontier ${count(frontier)}`
  return `${model}: ${count(distinct)} states, ${rate(progress.rate)}/s, depth ${depth}, ${doing}, ${count(bytes / MIB)} MB`
}
