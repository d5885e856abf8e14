/** Processor time of other processes, from Linux's statistics. */
import { readFileSync } from 'node:fs'

/** Linux counts the time of processes in these. */
const TICKS_PER_S = 100

/** Returns the user and system time of a process so far, ms. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_S
}
