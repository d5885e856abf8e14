/** The options of a stream. */
import { StreamError } from './errors.ts'
import { BASE_MSS, DEFAULT_MSS, FIRST_WINDOW, LEAST_MSS, MOST_WINDOW, SEND_HIGH_WATER } from './limits.ts'

export interface StreamOptions {
  /** The sequence number of the SYN, 32 bits. It must be unpredictable (RFC 9293, 3.4.1). */
  readonly initialSequence: number
  /** Added to the clock in timestamps, 32 bits. It must be unpredictable (RFC 7323, 5.4). */
  readonly timestampOffset?: number
  /** Bytes after a TCP header without options in the link's largest packet. Default DEFAULT_MSS. */
  readonly mss?: number
  /** The size of segments until the path has proved that it carries longer ones. Default BASE_MSS. */
  readonly baseMss?: number
  /** Sends small segments without delay (RFC 9293, 3.7.4). Default false. */
  readonly noDelay?: boolean
  /** `write` returns false above this many unsent bytes. */
  readonly highWater?: number
  /** The receive window at first and at most, in bytes. */
  readonly firstWindow?: number
  readonly mostWindow?: number
  /** Offers and accepts selective acknowledgments and timestamps. Default true. */
  readonly sack?: boolean
  readonly timestamps?: boolean
}

export type Settings = Required<StreamOptions>

const UINT32 = 2 ** 32 - 1
/** 65535 shifted by 14, minus a margin for rounding. */
const LARGEST_WINDOW = 2 ** 29

/** Fills in defaults. Throws STREAM_OPTION. */
export function settingsOf(options: StreamOptions): Settings {
  const settings = {
    timestampOffset: 0,
    mss: DEFAULT_MSS,
    baseMss: BASE_MSS,
    noDelay: false,
    highWater: SEND_HIGH_WATER,
    mostWindow: MOST_WINDOW,
    firstWindow: Math.min(FIRST_WINDOW, options.mostWindow ?? FIRST_WINDOW),
    sack: true,
    timestamps: true,
    ...options,
  }
  within('initialSequence', settings.initialSequence, 0, UINT32)
  within('timestampOffset', settings.timestampOffset, 0, UINT32)
  within('mss', settings.mss, LEAST_MSS, 65_535)
  within('baseMss', settings.baseMss, LEAST_MSS, 65_535)
  within('highWater', settings.highWater, 1, Number.MAX_SAFE_INTEGER)
  within('mostWindow', settings.mostWindow, 1, LARGEST_WINDOW)
  within('firstWindow', settings.firstWindow, 1, settings.mostWindow)
  return settings
}

function within(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new StreamError('STREAM_OPTION', `${name} is ${value}: give a whole number from ${least} to ${most}`)
}
